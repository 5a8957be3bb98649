"""What a public host answers: uploads, the site map, pages."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from wagtail import urls as wagtail_urls

from sitecluster.cms.views import sitemap

from .urls_uploads import urlpatterns as uploads

urlpatterns = [
    *uploads,
    path("sitemap.xml", sitemap, name="sitemap"),
    *i18n_patterns(path("", include(wagtail_urls)), prefix_default_language=False),
]
