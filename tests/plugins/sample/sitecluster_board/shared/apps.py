from django.apps import AppConfig


class SharedConfig(AppConfig):
    name = "sitecluster_board.shared"
    label = "board_shared"
    default_auto_field = "django.db.models.BigAutoField"
