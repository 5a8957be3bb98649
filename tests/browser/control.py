"""People of the control site, each with a second factor, and what their phones show."""

from django_otp.oath import totp

from sitecluster.accounts import delegation
from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from tenants import directory
from tests.accounts.authenticator import STEP, equip
from tests.browser.content import PASSWORD

BOSS = "boss@control.example"  # a platform admin
DELEGATE = "delegate@alpha.example"  # runs alpha and all below it
APPLICANT = "applicant@alpha.example"  # asks for sites below alpha


def people() -> dict[str, bytes]:
    """Make the people in the active database; their addresses -> keys of their second factors."""
    directory.forget()
    sites = directory.snapshot().by_code
    boss = add_member(BOSS, sites["control"], ["site_admin"], name="王站群", password=PASSWORD)[0]
    User.everyone.filter(pk=boss.pk).update(is_superuser=True)
    boss = User.everyone.get(pk=boss.pk)
    keys = {BOSS: equip(boss)[0].bin_key}
    for email, name, role in (
        (DELEGATE, "李分级", "manager"),
        (APPLICANT, "赵申请", "applicant"),
    ):
        person = add_member(email, sites["alpha"], ["editor"], name=name, password=PASSWORD)[0]
        delegation.give(person, sites["alpha"], role, by=boss, reason="区县自管")
        keys[email] = equip(User.everyone.get(pk=person.pk))[0].bin_key
    return keys


def shown(key: bytes) -> str:
    """What the person's phone shows now."""
    return f"{totp(key, step=STEP, t0=0):06d}"
