"""The models of the app, gathered from the modules that define them."""

from .articles import ArticlePage, Attachment, Origin
from .columns import ColumnPage, UpdateFrequency
from .identity import SiteIdentity
from .pages import HomePage, LinkPage, TopicPage
from .site_page import SitePage

__all__ = [
    "ArticlePage",
    "Attachment",
    "ColumnPage",
    "HomePage",
    "LinkPage",
    "Origin",
    "SiteIdentity",
    "SitePage",
    "TopicPage",
    "UpdateFrequency",
]
