from django.apps import AppConfig


class LaterConfig(AppConfig):
    name = "tests.tenants.later"
    label = "later"
    default_auto_field = "django.db.models.BigAutoField"
