from django.db import migrations

SITE_ADMINS = "站点管理员"  # `sitecluster.rights.roles.SITE_ADMIN`
PERMISSIONS = (
    ("audit", "entry", "view_entry", "Can view audit entry"),
    ("tasks", "queuedtask", "view_queuedtask", "Can view background task"),
    ("tasks", "queuedtask", "change_queuedtask", "Can change background task"),
)


def allow(apps, schema_editor):
    """Let the site admins of sites that stand see the audit trail and the tasks of their site."""
    group = apps.get_model("auth", "Group").objects.filter(name=SITE_ADMINS).first()
    if group is None:  # a template that is being made
        return
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    for app_label, model, codename, name in PERMISSIONS:
        kind = content_types.get_or_create(app_label=app_label, model=model)[0]
        permission = permissions.get_or_create(
            content_type=kind, codename=codename, defaults={"name": name}
        )[0]
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("rights", "0001_initial"),
        ("audit", "0001_initial"),
        ("tasks", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(allow, migrations.RunPython.noop)]
