"""The models of the app, gathered from the modules that define them."""

from .articles import ArticlePage, Attachment, Origin
from .columns import ColumnPage, UpdateFrequency
from .documents import DocumentPage, Genre, Validity
from .identity import SiteIdentity
from .organs import LeaderPage, OrganPage
from .pages import HomePage, LinkPage, TopicPage
from .site_page import SitePage

__all__ = [
    "ArticlePage",
    "Attachment",
    "ColumnPage",
    "DocumentPage",
    "Genre",
    "HomePage",
    "LeaderPage",
    "LinkPage",
    "OrganPage",
    "Origin",
    "SiteIdentity",
    "SitePage",
    "TopicPage",
    "UpdateFrequency",
    "Validity",
]
