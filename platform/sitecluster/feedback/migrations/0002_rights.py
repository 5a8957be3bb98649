from django.db import migrations

SITE_ADMINS, REVIEWERS = "站点管理员", "审核员"  # `sitecluster.rights.roles`
READ, HANDLE, DELETE, SET = (
    ("message", "view_message", "Can view message"),
    ("message", "change_message", "Can change message"),
    ("message", "delete_message", "Can delete message"),
    ("feedbacksettings", "change_feedbacksettings", "Can change settings of feedback"),
)
RIGHTS = {SITE_ADMINS: (READ, HANDLE, DELETE, SET), REVIEWERS: (READ, HANDLE)}


def allow(apps, schema_editor):
    """Let the people of sites that stand read and answer what citizens write."""
    groups = apps.get_model("auth", "Group").objects
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for group in groups.filter(name__in=RIGHTS):  # none in a template that is being made
        for model, codename, name in RIGHTS[group.name]:
            kind = content_types.get_or_create(app_label="feedback", model=model)[0]
            permission = permissions.get_or_create(
                content_type=kind, codename=codename, defaults={"name": name}
            )[0]
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0001_initial"),
        ("rights", "0002_audit_report"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(allow, migrations.RunPython.noop)]
