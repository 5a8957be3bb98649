"""The page of one person: where they work, how they sign in, what was done."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from sitecluster.accounts import lockout, passwords
from sitecluster.accounts.branches import may_look_after
from sitecluster.accounts.delegation import may_end
from sitecluster.accounts.models import Delegation, Invitation, Membership, User
from sitecluster.audit.reading import Line, entries, lines
from sitecluster_console.views import ConsoleMixin, ConsoleView

from . import scope as scope

ACTS_SHOWN = 15


class PersonMixin(ConsoleMixin):
    """The person of the address, if whoever asks knows of them; else Http404."""

    @cached_property
    def actor(self) -> User:
        user: Any = self.request.user
        return user

    @cached_property
    def person(self) -> User:
        known = scope.people_of(self.actor).select_related("suspended_by")
        return get_object_or_404(known, pk=self.kwargs["pk"])

    @cached_property
    def looks_after(self) -> bool:
        """May who asks act on the account itself, beyond the memberships of their sites?"""
        return may_look_after(self.actor, self.person)

    @property
    def page_url(self) -> str:
        return reverse("console:person", args=[self.person.pk])

    def trail(self, *labels: Any) -> list[dict[str, Any]]:
        """Home, people, the person, and what is below."""
        people = {"url": reverse("console:people"), "label": _("People")}
        here = {"url": self.page_url if labels else "", "label": str(self.person)}
        rest = [{"url": "", "label": label} for label in labels]
        return [*ConsoleView.breadcrumbs_items, people, here, *rest]


@dataclass(frozen=True)
class Offer:
    """An act that is offered: its address and label, and whether it takes something away."""

    url: str
    label: str
    serious: bool = False


@dataclass(frozen=True)
class Place:
    """A membership as the page shows it."""

    membership: Membership
    roles: str
    is_home: bool


class PersonPage(PersonMixin, ConsoleView, TemplateView):
    """``console:person``."""

    template_name = "console/person.html"
    header_icon = "user"

    def get_page_title(self) -> str:
        return str(self.person)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return self.trail()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        places = self._places()
        return super().get_context_data(
            person=self.person,
            home=scope.home_of(self.actor, self.person),
            places=[place for place in places if not place.membership.ended_at],
            ended=[place for place in places if place.membership.ended_at],
            invitations=self._invitations(),
            delegations=self._delegations(),
            may_delegate=self.person.is_active
            and not self.person.is_superuser
            and self.person.pk != self.actor.pk,
            facts=self._facts() if self.looks_after else None,
            offers=offers(self.person, self.actor, self.looks_after),
            looks_after=self.looks_after,
            may_change_places=self.actor.is_superuser or not self.person.is_superuser,
            acts=self._acts(),
            **kwargs,
        )

    def _places(self) -> list[Place]:
        rows = scope.memberships(self.actor).filter(user=self.person)
        return [
            Place(
                row,
                "、".join(map(scope.role_title, row.roles)),
                row.tenant_id == self.person.home_site_id,
            )
            for row in rows.select_related("tenant", "added_by").order_by("tenant__code")
        ]

    def _invitations(self) -> list[tuple[Invitation, str]]:
        rows = scope.invitations(self.actor).filter(email=self.person.email)
        rows = rows.select_related("tenant").order_by("tenant__code")
        return [(row, "、".join(map(scope.role_title, row.roles))) for row in rows]

    def _delegations(self) -> list[tuple[Delegation, bool]]:
        """Each that holds, and whether whoever asks may take it back."""
        rows = scope.delegations(self.actor).filter(user=self.person).select_related("tenant")
        return [(given, may_end(self.actor, given)) for given in rows]

    def _facts(self) -> dict[str, Any]:
        """How the person signs in; for who looks after the account."""
        failed, is_locked = lockout.failures(self.person)
        return {
            "password_days": (timezone.now() - self.person.password_changed_at).days,
            "has_password": self.person.has_usable_password(),
            "password_expired": passwords.is_expired(self.person),
            "failed": failed,
            "is_locked": is_locked,
        }

    def _acts(self) -> list[Line]:
        """The last acts about and by the person that whoever asks may read."""
        concerned = Q(subject=self.person.email) | Q(actor_id=self.person.pk)
        return list(lines(entries(self.actor).filter(concerned)[:ACTS_SHOWN], self.actor))


def offers(person: User, actor: User, looks_after: bool) -> list[Offer]:
    """The acts on the account that ``actor`` may do now."""
    if not looks_after:
        return []
    myself = person.pk == actor.pk

    def offer(name: str, label: str, serious: bool = False) -> Offer:
        return Offer(reverse(f"console:{name}", args=[person.pk]), label, serious)

    found = [offer("person_profile", _("Change name or email"))]
    if person.is_active and not myself:
        found.append(offer("person_link", _("Reset the password")))
    if not myself:
        if person.second_factor_since:
            found.append(offer("person_factor_reset", _("Reset the second factor")))
        found.append(offer("person_factor_required", _("Require a second factor")))
        found.append(offer("person_unlock", _("Unlock sign-in")))
    if actor.is_superuser:
        found.append(offer("person_home", _("Move home site")))
        if person.is_superuser:
            found.append(offer("person_demote", _("Take platform administration"), True))
        elif person.is_active:
            found.append(offer("person_promote", _("Make a platform admin"), True))
    if not myself:
        found.append(
            offer("person_suspend", _("Suspend"), True)
            if person.is_active
            else offer("person_reinstate", _("Let in again"))
        )
    return found


def urls() -> list[URLPattern]:
    """Its addresses below ``/admin/cluster/``."""
    return [path("people/<int:pk>/", PersonPage.as_view(), name="person")]
