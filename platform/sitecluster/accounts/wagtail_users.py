"""Wagtail's app of users, with our screens in place of its own."""

from wagtail.users.apps import WagtailUsersAppConfig


class MembersConfig(WagtailUsersAppConfig):
    """Stands in `INSTALLED_APPS` where ``wagtail.users`` would."""

    user_viewset = "sitecluster.accounts.viewsets.MemberViewSet"
    group_viewset = "sitecluster.accounts.group_screens.RoleGroupViewSet"

    def ready(self) -> None:
        from django.contrib.auth.models import Group  # noqa: PLC0415 -- needs loaded apps
        from wagtail.permissions import register_permission_policy  # noqa: PLC0415 -- the same

        from . import tokens  # noqa: PLC0415 -- needs loaded apps
        from .policies import PlatformAdminsAlone  # noqa: PLC0415 -- needs loaded apps

        super().ready()
        register_permission_policy(Group, PlatformAdminsAlone(Group))
        tokens.install()
