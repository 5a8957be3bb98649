"""Plain single-schema Wagtail with the project's page types, templates and cache sizes.

Stock PostgreSQL backend, no routing, Wagtail's own page addresses; all sites' trees lie in one
schema. Of Django's middleware it runs what ours runs on public hosts: sessions, CSRF and sign-in
are left out, although a stock project has them, so that only tenancy is compared.
"""

from typing import Any

from bench import our_settings as ours
from bench.our_settings import *  # noqa: F403 -- all of them, save for those below

ROOT_URLCONF = "sitecluster.project.urls_public"
DATABASE_ROUTERS = []
DATABASES = {"default": {**ours.DATABASES["default"], "ENGINE": "django.db.backends.postgresql"}}
# bench.stock undoes, as the last one, what the platform's apps put in Wagtail's place.
INSTALLED_APPS = [
    *(app for app in ours.INSTALLED_APPS if app != "django_tenants"),
    "bench.stock.StockConfig",
]
NOT_STOCK = (
    "tenants.",
    "sitecluster.project.",
    "sitecluster.accounts.",
    "sitecluster.plugins.",
    "sitecluster.cms.leaving.",
)
MIDDLEWARE = [middleware for middleware in ours.MIDDLEWARE if not middleware.startswith(NOT_STOCK)]
STORAGES = {
    **ours.STORAGES,
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
}
CACHES = {
    alias: {key: value for key, value in cache.items() if key != "KEY_FUNCTION"}
    for alias, cache in ours.CACHES.items()
}
ENGINE: dict[str, Any] = ours.TEMPLATES[0]
TEMPLATES = [
    {
        **ENGINE,
        "OPTIONS": {
            **ENGINE["OPTIONS"],
            "context_processors": [
                path.replace("sitecluster.cms.chrome", "bench.plain_chrome")
                for path in ENGINE["OPTIONS"]["context_processors"]
            ],
        },
    }
]
