"""Wagtail's app of users, with our screens in place of its own."""

from wagtail.users.apps import WagtailUsersAppConfig


class MembersConfig(WagtailUsersAppConfig):
    """Stands in `INSTALLED_APPS` where ``wagtail.users`` would."""

    user_viewset = "sitecluster.accounts.viewsets.MemberViewSet"
    group_viewset = "sitecluster.accounts.viewsets.RoleGroupViewSet"
