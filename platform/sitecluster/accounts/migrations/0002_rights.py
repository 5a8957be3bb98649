from django.db import migrations, models


class Migration(migrations.Migration):
    """Groups and permissions: relations through tables of each site, hence after `rights`."""

    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("rights", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="groups",
            field=models.ManyToManyField(
                blank=True,
                related_name="user_set",
                related_query_name="user",
                through="rights.UserGroup",
                to="auth.group",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="user_permissions",
            field=models.ManyToManyField(
                blank=True,
                related_name="user_set",
                related_query_name="user",
                through="rights.UserPermission",
                to="auth.permission",
            ),
        ),
    ]
