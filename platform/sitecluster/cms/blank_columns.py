"""Blank columns: live ones below which nothing is published.

No citizen is led to them (guideline 2017-47, B.6: 避免空白栏目), and those who may fill them are
told.
"""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy

from sitecluster.plugins.page_types import types_off

from .register_fields import column_types

if TYPE_CHECKING:
    from .columns import ColumnPage

BEYOND = Value("Z" * Page.steplen)  # no child's path is above it
MAY_FILL = ("add", "change", "publish")


def filled() -> Exists:
    """A condition on pages: something that is no column is live anywhere below.

    Costs each page a look at the index of tree paths, which ends with the first that is found.
    """
    above = OuterRef("path")
    below = Page.objects.live().filter(path__gt=above, path__lt=Concat(above, BEYOND)).order_by()
    return Exists(below.exclude(content_type_id__in=column_types() | set(types_off())))


def without_blank_columns(pages: Any) -> Any:
    """The queryset of pages without columns that are blank."""
    return pages.filter(~Q(content_type_id__in=column_types()) | filled())


def blank_columns(user: Any) -> "QuerySet[ColumnPage]":
    """The blank columns of the active site that ``user`` may fill, in the order of the tree."""
    columns = apps.get_model("cms", "ColumnPage").objects.live()
    theirs = PagePermissionPolicy().instances_user_has_any_permission_for(user, MAY_FILL)
    return columns.filter(~filled(), pk__in=theirs.order_by().values("pk")).order_by("path")
