"""What a public host answers: uploads, search, maps of the site, plugins, feeds, pages.

Wagtail's own list of addresses also has its sign-in for private pages, which don't exist here.
"""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from wagtail.urls import serve_pattern
from wagtail.views import serve

from sitecluster.cms.finding.feeds import feed
from sitecluster.cms.finding.robots import robots
from sitecluster.cms.finding.search_views import search_page
from sitecluster.cms.finding.site_map import sitemap_page
from sitecluster.cms.finding.sitemap import sitemap
from sitecluster.plugins.mounting import public_urls

from .urls_uploads import urlpatterns as uploads

handler500 = "sitecluster.theming.faults.server_error"
urlpatterns = [
    *uploads,
    path("sitemap.xml", sitemap, name="sitemap"),
    path("robots.txt", robots, name="robots"),
    *public_urls(),
    *i18n_patterns(
        path("feedback/", include("sitecluster.feedback.urls")),
        path("go/", include("sitecluster.cms.leaving.page")),
        path("search/", search_page, name="search"),
        path("sitemap/", sitemap_page, name="sitemap_page"),
        path("<path:path>/feed.xml", feed, name="feed"),
        re_path(serve_pattern, serve, name="wagtail_serve"),
        prefix_default_language=False,
    ),
]
