"""What is tried on every view that is about accounts and rights."""

from typing import Any

from axes.models import AccessAttempt
from django.core import mail

from sitecluster.accounts import second_factor
from sitecluster.accounts.credentials import Authenticator
from sitecluster.accounts.invitations import invite
from sitecluster.accounts.models import Invitation
from sitecluster.rights.roles import groups_of
from sitecluster.tenancy import tenant_context

from .authenticator import code_of, equip
from .escalation import INSIDE, PASSWORD, PLATFORM_ADMIN, ROLES, SIGNED_IN, World, attempt

EVERYONE = {*ROLES, PLATFORM_ADMIN}
NOBODY: set[str] = set()
BOSSES = {"site_admin", PLATFORM_ADMIN}
PLATFORM = {PLATFORM_ADMIN}
AT_HOME = "admin_elsewhere_at_home"  # looks after the guest and the stranger
NEW = "Neues-2026-Wort"
READ_ONLY = {
    "my_sites": "/admin/my-sites/",
    "wagtailadmin_password_reset_done": "/admin/password_reset/done/",
    "wagtailadmin_password_reset_complete": "/admin/password_reset/complete/",
    "wagtailusers_users:index": "/admin/users/",
    "wagtailusers_users:index_results": "/admin/users/results/",
    "wagtailusers_groups:index": "/admin/groups/",
    "wagtailusers_groups:index_results": "/admin/groups/results/",
    "wagtailusers_api_tokens:index": "/admin/api-tokens/",
    "wagtailusers_api_tokens:index_results": "/admin/api-tokens/results/",
}
# Wagtail's views whose addresses ours answer.
SHADOWED = {
    "wagtailadmin_account": "account/",
    "wagtailadmin_login": "sign_in",
    "wagtailadmin_logout": "sign_out",
    "wagtailadmin_password_reset_confirm": "set_password",
}


def answers(world: World, response: Any) -> bool:
    """For views that only show something."""
    return bool(world.role == PLATFORM_ADMIN and response.status_code == 200)


def signed_in(world: World, response: Any) -> bool:
    """Has the session got another person?"""
    return world.client.session.get("_auth_user_id") == str(world.colleague.pk)


def _note_reading(view: str, path: str) -> None:
    def read_and_write(world: World) -> Any:
        world.post(path)
        return world.client.get(path) if world.role == PLATFORM_ADMIN else None

    attempt(view, PLATFORM, proof=lambda w, r: w.role == PLATFORM_ADMIN and answers(w, r))(
        read_and_write
    )


for each_view, each_path in READ_ONLY.items():
    _note_reading(each_view, each_path)


@attempt("wagtailusers_users:history", PLATFORM, proof=answers)
def history(world: World) -> Any:
    path = f"/admin/users/history/{world.colleague.pk}/"
    world.post(path)
    return world.client.get(path)


@attempt("wagtailusers_users:history_results", PLATFORM, proof=answers)
def history_results(world: World) -> Any:
    path = f"/admin/users/history-results/{world.colleague.pk}/"
    world.post(path)
    return world.client.get(path)


@attempt("sign_in", NOBODY, proof=signed_in)
def guess(world: World) -> Any:
    return world.post("/admin/login/", username=world.colleague.email, password="wrong")


@attempt("sign_in", EVERYONE, proof=signed_in)
def sign_in(world: World) -> Any:
    return world.post("/admin/login/", username=world.colleague.email, password=PASSWORD)


@attempt(
    "sign_out",
    SIGNED_IN,
    proof=lambda w, r: w.role != "anonymous" and "_auth_user_id" not in w.client.session,
)
def sign_out(world: World) -> Any:
    return world.post("/admin/logout/")


@attempt("account/", INSIDE, whose=lambda w: w.actor)
def own_account(world: World) -> Any:
    profile = {"locale-preferred_language": "en", "theme-theme": "system"}
    looks = {"theme-contrast": "system", "theme-density": "default"}
    names = {"name_email-first_name": "新名", "name_email-email": world.root.email}
    forged = {f"name_email-{name}": value for name, value in world.forged().items()}
    return world.post("/admin/account/", **{**forged, **names, **profile, **looks})


@attempt("account/", NOBODY)
def own_password_without_the_old_one(world: World) -> Any:
    new = {"password-new_password1": NEW, "password-new_password2": NEW}
    return world.post("/admin/account/", **new, **{"password-old_password": "wrong"})


@attempt("renew_password", SIGNED_IN, whose=lambda w: w.actor)
def renew(world: World) -> Any:
    new = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    return world.post("/admin/account/new-password/", **new)


@attempt("renew_password", NOBODY)
def renew_without_the_old_one(world: World) -> Any:
    new = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    return world.post("/admin/account/new-password/", **new)


@attempt("wagtailadmin_password_reset", NOBODY, proof=lambda w, r: bool(mail.outbox))
def reset_of_a_stranger(world: World) -> Any:
    person = world.colleague if world.role == AT_HOME else world.stranger
    return world.post("/admin/password_reset/", email=person.email)


@attempt(
    "wagtailadmin_password_reset",
    EVERYONE - {AT_HOME},
    proof=lambda w, r: [each.to for each in mail.outbox] == [[w.colleague.email]],
)
def reset_of_a_member(world: World) -> Any:
    return world.post("/admin/password_reset/", email=world.colleague.email)


@attempt("set_password", NOBODY)
def forged_link(world: World) -> Any:
    base = world.links["password"].rsplit("/", 2)[0]
    for token in ("set-password", "abc-0123456789abcdef"):
        world.post(f"{base}/{token}/", new_password1=NEW, new_password2=NEW)


@attempt("set_password", EVERYONE - {AT_HOME}, whose=lambda w: w.colleague)
def real_link(world: World) -> Any:
    """Whoever holds the mailed link sets the password, of that account alone."""
    page = world.client.get(world.links["password"])
    path = page.headers.get("location", world.links["password"])
    return world.post(path, new_password1=NEW, new_password2=NEW)


@attempt("second_factor", SIGNED_IN, whose=lambda w: w.actor)
def enrol(world: World) -> Any:
    path = "/admin/account/second-factor/"
    world.client.get(path)
    seed = world.client.session.get(second_factor.SEED)
    code = code_of(Authenticator(user=world.actor, key=seed)) if seed else "123456"
    return world.post(path, code=code)


@attempt("second_factor", NOBODY, prepare=lambda w: equip(w.actor))
def remove_without_a_code(world: World) -> Any:
    return world.post("/admin/account/second-factor/", code="000000", remove="1")


def _verified(world: World, response: Any) -> bool:
    return second_factor.VERIFIED in world.client.session


@attempt("second_factor_check", NOBODY, prepare=lambda w: equip(w.actor), proof=_verified)
def guess_a_code(world: World) -> Any:
    return world.post("/admin/second-factor/", code="000000", second_factor="1")


@attempt("second_factor_check", SIGNED_IN, prepare=lambda w: equip(w.actor), proof=_verified)
def give_the_code(world: World) -> Any:
    device = Authenticator.objects.get(user=world.actor)
    return world.post("/admin/second-factor/", code=code_of(device))


@attempt("reset_second_factor", BOSSES, prepare=lambda w: equip(w.colleague))
def reset_factor(world: World) -> Any:
    return world.post(f"/admin/members/{world.colleague.pk}/second-factor/", reason="丢失")


@attempt(
    "reset_second_factor", PLATFORM | {AT_HOME}, prepare=lambda w: (equip(w.guest), equip(w.root))
)
def reset_factor_of_others(world: World) -> Any:
    for user in (world.guest, world.root, world.stranger):
        world.post(f"/admin/members/{user.pk}/second-factor/", reason="丢失")


def _fail(world: World) -> None:
    for user in (world.colleague, world.root):
        AccessAttempt.objects.create(
            username=user.email, ip_address="10.0.0.1", failures_since_start=3
        )


@attempt(
    "unlock_account",
    BOSSES,
    prepare=_fail,
    proof=lambda w, r: not AccessAttempt.objects.filter(username=w.colleague.email).exists(),
)
def unlock(world: World) -> Any:
    return world.post(f"/admin/members/{world.colleague.pk}/unlock/")


@attempt(
    "unlock_account",
    PLATFORM,
    prepare=_fail,
    proof=lambda w, r: not AccessAttempt.objects.filter(username=w.root.email).exists(),
)
def unlock_a_platform_admin(world: World) -> Any:
    return world.post(f"/admin/members/{world.root.pk}/unlock/")


@attempt("invitation", {"anonymous"})
def begin(world: World) -> Any:
    """Whoever holds the mailed link and isn't signed in makes that account, and no other."""
    data = {"act": "begin", "name": "新人", "new_password1": NEW, "new_password2": NEW}
    return world.post(world.links["invitation"], email=world.root.email, groups="1", **data)


@attempt("invitation", NOBODY)
def accept_for_another(world: World) -> Any:
    for path in (world.links["invitation"], "/admin/invitations/forged/"):
        world.post(path, act="accept", email=world.actor.email)


def _ask_elsewhere(world: World) -> None:
    person = world.actors["elsewhere"]
    assert person
    with tenant_context(world.alpha):
        invite(person.email, world.alpha, groups_of(["editor"]), name="x")


@attempt("answer_invitation", {"elsewhere"}, prepare=_ask_elsewhere)
def accept(world: World) -> Any:
    person = world.actors["elsewhere"]
    assert person
    row = Invitation.objects.get(email=person.email)
    return world.post(f"/admin/invitations/mine/{row.pk}/", act="accept")


@attempt("answer_invitation", NOBODY)
def answer_for_another(world: World) -> Any:
    for act in ("accept", "decline"):
        world.post(f"/admin/invitations/mine/{world.invitation.pk}/", act=act)


@attempt("confirm_address", NOBODY)
def forged_address(world: World) -> Any:
    return world.post("/admin/address/forged/", email=world.actor.email)


@attempt("confirm_address", EVERYONE - {AT_HOME}, whose=lambda w: w.colleague)
def confirm(world: World) -> Any:
    """Whoever holds the mailed link."""
    return world.post(world.links["address"], email=world.root.email)
