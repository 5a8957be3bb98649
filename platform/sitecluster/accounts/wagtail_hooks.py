"""What Wagtail's admin learns of accounts."""

from django.urls import URLPattern, path
from wagtail import hooks

from .assistance_views import buttons
from .bulk_actions import AssignRole, EndMembership, Suspend
from .second_factor_views import account_item
from .switcher import SwitcherItem
from .views import MySitesView

# After Wagtail's own, which stand under the same names.
for action in (AssignRole, EndMembership, Suspend):
    hooks.register("register_bulk_action", action, order=1)


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    """The page of a person's sites."""
    return [path("my-sites/", MySitesView.as_view(), name="my_sites")]


hooks.register("register_user_listing_buttons", buttons)
hooks.register("register_account_menu_item", account_item)


@hooks.register("register_admin_menu_item")
def switcher() -> SwitcherItem:
    """The site switcher, above everything else."""
    return SwitcherItem()
