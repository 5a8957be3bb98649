"""Who holds which group and permission on one site: the through models of accounts.User.

They exist in tenant schemas only, while accounts lie in the shared schema.
"""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import models


class UserGroup(models.Model):
    """An account's group on this site."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    group = models.ForeignKey(Group, on_delete=models.CASCADE)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "group"], name="one_user_group"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.group_id}"


class UserPermission(models.Model):
    """A permission given to an account itself on this site."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    permission = models.ForeignKey(Permission, on_delete=models.CASCADE)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "permission"], name="one_user_permission"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.permission_id}"
