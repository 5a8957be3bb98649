"""A person who opens a site step by step."""

from typing import Any

from django.test import Client

from sitecluster_console.shared.models import Opening

START = "/admin/cluster/openings/"
STEPS = ("kind", "name", "domain", "identity", "theme", "plugins", "admin")


def answers(parent: Any, **changed: Any) -> dict[str, dict[str, Any]]:
    """What a person fills in, step by step."""
    given: dict[str, dict[str, Any]] = {
        "kind": {"kind": "department"},
        "name": {"parent": getattr(parent, "id", ""), "name": "阿县林业局", "code": ""},
        "domain": {"domain": ""},
        "identity": {"host_unit": "阿县林业局", "site_id_code": ""},
        "theme": {"theme": "department"},
        "plugins": {"plugins": []},
        "admin": {"admin": "first@lyj.example", "admin_name": "林一", "how": "invite"},
    }
    for name, value in changed.items():
        step = next((step for step in given if name in given[step]), "identity")
        given[step][name] = value
    return given


def fill(browser: Client, given: dict[str, dict[str, Any]], until: str = "") -> Opening:
    """Go through the steps, the last of them ``until``; every one must be taken."""
    response = browser.post(f"{START}new/", given["kind"])
    assert response.status_code == 302, problems(response)
    opening = Opening.objects.latest("pk")
    for step in STEPS[1:]:
        if until in STEPS[: STEPS.index(step)]:
            break
        response = browser.post(f"{START}{opening.pk}/{step}/", given[step])
        assert response.status_code == 302, (step, problems(response))
    opening.refresh_from_db()
    return opening


def problems(response: Any) -> dict[str, list[str]]:
    """The sentences at the fields."""
    return {
        name: [str(text) for text in texts]
        for name, texts in response.context["form"].errors.items()
    }


def refusal(browser: Client, opening: Opening, step: str, **given: Any) -> str:
    """The sentence at a field of a step that is refused; the first of ``given`` is the field."""
    response = browser.post(f"{START}{opening.pk}/{step}/", given)
    assert response.status_code == 200
    found = problems(response)
    assert list(found) == [next(iter(given))], found
    return " ".join(found[next(iter(given))])


def confirm(browser: Client, opening: Opening, **given: str) -> Any:
    """Send the review as it was read."""
    address = f"{START}{opening.pk}/review/"
    read = browser.get(address)
    assert read.status_code == 200, read
    seen = read.context["form"]["seen"].value()
    return browser.post(address, {"seen": seen, **given})
