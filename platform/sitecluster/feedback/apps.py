from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    name = "sitecluster.feedback"
    label = "feedback"
    verbose_name = _("Feedback")

    def ready(self) -> None:
        from sitecluster.audit import acts

        from . import retention  # noqa: F401 -- its task recurs
        from .trail import KEYS, TITLES

        acts.register(TITLES, KEYS)
