"""Sign-in."""

from django.contrib.auth.backends import ModelBackend


class MemberBackend(ModelBackend):
    """Django's own backend; the groups that it reads are those of the active site."""
