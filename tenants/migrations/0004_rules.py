from django.db import migrations

B4 = "国办发〔2017〕47号"
LIMITS = [  # key, value, unit, evidence, source
    ("offline-times-a-year", 1, "times", "M", B4),
    ("offline-days", 30, "days", "M", B4),
    ("closing-notice-days", 30, "days", "M", B4),
]
GATES = [  # code, required, own_domain, evidence, source; in order
    ("approval", True, False, "V", B4),
    ("mark", True, True, "M", B4),
    ("icp", True, True, "M", B4),
    ("police", True, True, "M", B4),
    ("site-id-code", True, True, "M", B4),
    ("security-test", True, False, "V", B4),
    ("opening-notice", False, False, "M", B4),
]


def enter(apps, schema_editor):
    limit, gate = (apps.get_model("tenants", name) for name in ("Limit", "Gate"))
    for key, value, unit, evidence, source in LIMITS:
        limit.objects.create(key=key, value=value, unit=unit, evidence=evidence, source=source)
    for order, (code, required, own_domain, evidence, source) in enumerate(GATES, 1):
        gate.objects.create(
            code=code,
            order=order,
            required=required,
            own_domain=own_domain,
            evidence=evidence,
            source=source,
        )


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_console")]
    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
