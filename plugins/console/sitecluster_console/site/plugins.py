"""The plugins of a site: what is on, and switching with the consequences shown first."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy

from sitecluster_console.fields import OrderForm
from tenants import consequences, directory, switching
from tenants.consequences import Consequences, Plugin
from tenants.models import Tenant

from .cards import Card
from .form import SiteForm


class PluginsCard(Card):
    """Every plugin that sites may have, on or off."""

    name = "plugins"
    heading = gettext_lazy("Plugins")
    icon = "code"
    body_template = "console/card_plugins.html"

    def details(self) -> dict[str, Any]:
        return {
            "plugins": consequences.plugins_of(self.place),
            "locked": self.place.behind,
        }


class PluginForm(SiteForm):
    """An act on one plugin of the site."""

    template_name = "console/site_plugin.html"
    header_icon = "code"
    needs_schema = True
    title: Any = ""

    @cached_property
    def place(self) -> directory.Site:
        """The site, read now."""
        return directory.record(self.site)

    @cached_property
    def plugin(self) -> Plugin:
        """The plugin of the address; raises Http404 for one that no site can have."""
        for plugin in consequences.plugins_of(self.place):
            if plugin.label == self.kwargs["plugin"]:
                return plugin
        raise Http404

    def get_page_title(self) -> str:
        return str(self.title) % {"plugin": self.plugin.title}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {"plugin": self.plugin, "follows": self.follows}
        return {**super().get_context_data(**kwargs), **more}

    @cached_property
    def follows(self) -> Consequences:
        """What would follow."""
        raise NotImplementedError


class EnableForm(OrderForm):
    """Asks once more where other plugins go on with it."""

    with_required = forms.BooleanField(
        label=gettext_lazy("Switch on what it requires, too"), required=False
    )
    field_order = ("with_required", "reason", "document")


class SwitchOn(PluginForm):
    """``console:site_plugin_on``."""

    title = gettext_lazy("Switch on %(plugin)s")
    form_class = EnableForm

    @cached_property
    def follows(self) -> Consequences:
        if self.plugin.on or not self.plugin.version:
            raise Http404
        return consequences.of_enabling(self.place, self.plugin.label)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if not self.follows.missing:
            del form.fields["with_required"]
        return form

    def act(self, data: dict[str, Any]) -> str:
        switching.enable(
            self.site.code,
            self.plugin.label,
            with_required=data.get("with_required", False),
            **self.why(data),
        )
        return _("%(plugin)s is on.") % {"plugin": self.plugin.title}


class DisableForm(OrderForm):
    """Asks once more where pages would go off the site."""

    unpublish = forms.BooleanField(
        label=gettext_lazy("Unpublish its live pages, too"), required=False
    )
    field_order = ("unpublish", "reason", "document")


class SwitchOff(PluginForm):
    """``console:site_plugin_off``."""

    title = gettext_lazy("Switch off %(plugin)s")
    form_class = DisableForm
    serious = True

    @cached_property
    def follows(self) -> Consequences:
        if not self.plugin.on:
            raise Http404
        return consequences.of_disabling(self.place, self.plugin.label)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if not self.follows.live_count:
            del form.fields["unpublish"]
        return form

    def act(self, data: dict[str, Any]) -> str:
        switching.disable(
            self.site.code,
            self.plugin.label,
            unpublish=data.get("unpublish", False),
            **self.why(data),
        )
        return _("%(plugin)s is off; its data stays.") % {"plugin": self.plugin.title}


class DeleteData(PluginForm):
    """``console:site_plugin_purge``."""

    title = gettext_lazy("Delete the data of %(plugin)s")
    serious = True

    @cached_property
    def follows(self) -> Consequences:
        if self.plugin.on:
            raise Http404
        return consequences.of_purging(self.place, self.plugin.label)

    def act(self, data: dict[str, Any]) -> str:
        switching.purge(self.site.code, self.plugin.label, **self.why(data))
        return _("The data of %(plugin)s is deleted.") % {"plugin": self.plugin.title}


def card(site: Tenant, request: HttpRequest) -> Card:
    """What the site's page shows of them."""
    return PluginsCard(site, request)


def urls() -> list[URLPattern]:
    """Their addresses below ``/admin/cluster/``."""
    one = "sites/<int:pk>/plugins/<slug:plugin>"
    return [
        path(f"{one}/on/", SwitchOn.as_view(), name="site_plugin_on"),
        path(f"{one}/off/", SwitchOff.as_view(), name="site_plugin_off"),
        path(f"{one}/purge/", DeleteData.as_view(), name="site_plugin_purge"),
    ]
