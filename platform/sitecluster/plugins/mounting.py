"""The plugins' own addresses on public hosts: ``/<label>/...``, from their module ``urls``."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.urls import URLResolver, include
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RoutePattern

from .gate import mark
from .registry import installed, is_on


class PluginResolver(URLResolver):
    """A plugin's addresses, which don't exist where it is off: a page may stand there."""

    plugin: str

    def resolve(self, path: str) -> Any:
        """As Django's; raises Resolver404."""
        if not is_on(self.plugin):
            raise Resolver404({"path": path, "tried": []})
        return super().resolve(path)


def public_urls() -> list[URLResolver]:
    """The addresses of every plugin that has some, each below its label and in a namespace of
    that name."""
    return [
        _mount(label, f"{config.name}.urls")
        for label, config in installed().items()
        if find_spec(f"{config.name}.urls")
    ]


def _mount(label: str, module: str) -> URLResolver:
    patterns = mark(list(import_module(module).urlpatterns), label)
    urlconf, app_name, namespace = include((patterns, label), namespace=label)
    resolver = PluginResolver(
        RoutePattern(f"{label}/", is_endpoint=False), urlconf, {}, app_name, namespace
    )
    resolver.plugin = label
    return resolver
