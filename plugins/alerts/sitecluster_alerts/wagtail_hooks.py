"""The screens on which a site sets its notices."""

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet

from .shared.models import Alert


def _state(alert: Alert) -> str:
    if alert.in_force(timezone.now()):
        return gettext("on the pages now")
    return gettext("has ended") if alert.starts_at < timezone.now() else gettext("not begun")


class AlertViewSet(ModelViewSet):
    """The notices of the active site: `Alert.objects` knows no others."""

    model = Alert
    icon = "warning"
    menu_label = _("Emergency notices")
    menu_order = 190
    add_to_admin_menu = True
    copy_view_enabled = False
    form_fields = ("level", "text", "text_en", "link", "starts_at", "ends_at", "below")
    list_display = (
        "text",
        "level",
        "starts_at",
        "ends_at",
        Column("state", label=_("state"), accessor=_state),
    )
    search_fields = ("text", "text_en")


@hooks.register("register_admin_viewset")
def alerts() -> AlertViewSet:
    """Offer the screens, where the plugin is on."""
    return AlertViewSet("alerts")
