"""The models of the app, gathered from the modules that define them."""

from .articles import ArticlePage, Attachment, Origin
from .identity import SiteIdentity
from .pages import ColumnPage, HomePage, LinkPage, SitePage, TopicPage, UpdateFrequency

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
