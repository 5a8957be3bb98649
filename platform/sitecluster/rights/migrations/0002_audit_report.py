from django.db import migrations

SITE_ADMINS = "站点管理员"  # `sitecluster.rights.roles.SITE_ADMIN`


def allow(apps, schema_editor):
    """Let the site admins of sites that stand read the audit trail of their site."""
    group = apps.get_model("auth", "Group").objects.filter(name=SITE_ADMINS).first()
    if group is None:  # a template that is being made
        return
    entry = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="audit", model="entry"
    )[0]
    permission = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=entry, codename="view_entry", defaults={"name": "Can view audit entry"}
    )[0]
    group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("rights", "0001_initial"),
        ("audit", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(allow, migrations.RunPython.noop)]
