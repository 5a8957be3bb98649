from django.apps import AppConfig
from django.db.models.signals import pre_save
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "sitecluster.cms"
    label = "cms"
    verbose_name = _("Content")

    def ready(self) -> None:
        from wagtail.models import CollectionViewRestriction, PageViewRestriction
        from wagtail.signals import pre_page_move

        from sitecluster.audit import acts

        from . import addresses, interception, memory, placement, privacy
        from .identity import field_titles

        acts.register({}, field_titles())
        addresses.install()
        interception.install()
        memory.install()
        pre_page_move.connect(placement.refuse_misplacing)
        for model in (PageViewRestriction, CollectionViewRestriction):
            pre_save.connect(privacy.refuse, sender=model)
