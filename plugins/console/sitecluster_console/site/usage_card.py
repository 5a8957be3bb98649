"""What a site takes up and may: a card of its page, measuring now, setting the quota."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy
from django.views.generic import View
from wagtail.admin.ui.components import Component

from sitecluster.library import register
from sitecluster_console.fields import OrderForm
from sitecluster_console.home.columns import bar
from sitecluster_console.views import ConsoleMixin
from tenants import directory, usage
from tenants.models import Tenant, Usage

from .cards import Card
from .form import SiteForm

MEGABYTE = 1024 * 1024


class UsageCard(Card):
    """Bars of storage and items."""

    name = "usage"
    heading = gettext_lazy("Storage and items")
    icon = "folder-open-inverse"
    body_template = "console/card_usage.html"
    wide = False

    def details(self) -> dict[str, Any]:
        known = Usage.objects.filter(pk=self.site.pk).first()
        return {
            "known": known,
            "uploads": bar(known.file_bytes, self.site.max_bytes, filesizeformat) if known else "",
            "items": bar(register.count(self.site.pk), self.site.max_items),
            "measure_url": reverse("console:measure", args=[self.site.pk]),
            "quota_url": self._quota_url(),
        }

    def _quota_url(self) -> str:
        return reverse("console:quota", args=[self.site.pk]) if self.user.is_superuser else ""


class QuotaForm(OrderForm):
    """The two limits."""

    megabytes = forms.IntegerField(
        label=gettext_lazy("Most uploads, in MB"),
        min_value=0,
        max_value=usage.LARGEST["max_bytes"] // MEGABYTE,
        required=False,
        help_text=gettext_lazy(
            "Empty: no limit. A file that would go beyond it is refused; what is there stays."
        ),
    )
    items = forms.IntegerField(
        label=gettext_lazy("Most published items"),
        min_value=0,
        max_value=usage.LARGEST["max_items"],
        required=False,
        help_text=gettext_lazy(
            "Empty: no limit. Beyond it nothing new is published; what is published may be renewed."
        ),
    )
    field_order = ("megabytes", "items", "reason", "document")


class QuotaView(SiteForm):
    """``console:quota``. For platform admins: who runs a branch can't give it more room."""

    platform_only = True
    form_class = QuotaForm
    page_title = pgettext_lazy("storage", "Set the quota")
    header_icon = "folder-open-inverse"

    def get_initial(self) -> dict[str, Any]:
        most = self.site.max_bytes
        megabytes = None if most is None else -(-most // MEGABYTE)
        return {"megabytes": megabytes, "items": self.site.max_items}

    def act(self, data: dict[str, Any]) -> str:
        most = None if data["megabytes"] is None else data["megabytes"] * MEGABYTE
        usage.set_quota(self.site.code, max_bytes=most, max_items=data["items"], **self.why(data))
        return _("The quota of %s is set.") % self.site.name


class MeasureView(ConsoleMixin, View):
    """``console:measure``: measure now."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        known = usage.measure(directory.record(self.site))
        text = _("%(site)s takes up %(size)s.")
        names = {"site": self.site.name, "size": filesizeformat(known.file_bytes)}
        messages.success(request, text % names)
        return redirect("console:site", self.site.pk)


def card(site: Tenant, request: HttpRequest) -> Component:
    """What the site takes up."""
    return UsageCard(site, request)


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [
        path("sites/<int:pk>/quota/", QuotaView.as_view(), name="quota"),
        path("sites/<int:pk>/measure/", MeasureView.as_view(), name="measure"),
    ]
