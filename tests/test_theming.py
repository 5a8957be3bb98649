"""Two themes in one process: each site gets its own templates, whatever was drawn before."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template import TemplateDoesNotExist, engines
from django.template.loader import get_template

from sitecluster.tenancy import connection, shared_context, tenant_context
from sitecluster.theming import catalogue
from tenants import directory
from tenants.directory import Site
from tenants.models import Tenant
from tests.conftest import client_for

TEMPLATES = {
    "red": {
        "probe/base.html": "red base [{% block main %}{% endblock %}]",
        "probe/part.html": "red part",
        "probe/own.html": "red's own",
        "404.html": "red 404",
        "cms/base.html": "red frame <main>{% block main %}{% endblock %}</main>",
    },
    "blue": {
        "probe/base.html": "blue base ({% block main %}{% endblock %})",
        "probe/page.html": "{% extends 'probe/page.html' %}{% block main %}blue, then {{ block.super }}{% endblock %}",
        "components/footer.html": "blue footer",
    },
    "base": {
        "probe/base.html": "base base <{% block main %}{% endblock %}>",
        "probe/page.html": "{% extends 'probe/base.html' %}{% block main %}page with {% include 'probe/part.html' %}{% endblock %}",
        "probe/chosen.html": "{% extends parent %}",
        "probe/part.html": "base part",
    },
}
PAGES = {
    "red": "red base [page with red part]",
    "blue": "blue base (blue, then page with base part)",
    "base": "base base <page with base part>",
    "gone": "base base <page with base part>",
}


@pytest.fixture
def themes(tmp_path: Path, settings: Any) -> Iterator[None]:
    """Three themes; the base theme has the platform's own templates as well."""
    own = Path(settings.THEMES_DIRS[0]) / "base" / "templates"
    for theme, templates in TEMPLATES.items():
        folder = tmp_path / theme / "templates"
        if theme == "base":
            for path in own.rglob("*.html"):
                templates.setdefault(str(path.relative_to(own)), path.read_text())
        for name, text in templates.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (tmp_path / theme / "theme.toml").write_text(f'[title]\nen = "{theme}"\n')
    settings.THEMES_DIRS = [tmp_path]
    forget()
    yield
    settings.THEMES_DIRS = [own.parents[1]]
    forget()


def forget() -> None:
    """Read themes and templates again at the next use."""
    catalogue.catalogue.cache_clear()
    forget_templates()


def forget_templates() -> None:
    """Compile again at the next use."""
    for loader in engines["django"].engine.template_loaders:  # type: ignore[attr-defined]
        loader.reset()


def dressed(site: Site, theme: str) -> Site:
    """The site with this theme."""
    Tenant.objects.filter(pk=site.id).update(theme=theme)
    directory.forget()
    return directory.snapshot().by_code[site.code]


def drawn(site: Site | None, name: str = "probe/page.html", **context: Any) -> str:
    """What a template gives on a site; None is the shared schema."""
    with tenant_context(site) if site else shared_context():
        return get_template(name).render(context)


def test_each_theme_gets_its_own_parents_and_parts(
    themes: None, alpha: Site, beta: Site, gamma: Site
) -> None:
    sites = [dressed(alpha, "red"), dressed(beta, "blue"), dressed(gamma, "base")]
    for order in (sites, sites[::-1], sites * 3):
        assert [drawn(site) for site in order] == [PAGES[site.theme] for site in order]
    assert drawn(None) == PAGES["base"]


def test_a_parent_named_at_run_time_is_the_themes(themes: None, alpha: Site, beta: Site) -> None:
    red, blue = dressed(alpha, "red"), dressed(beta, "blue")
    for _ in range(2):
        assert drawn(red, "probe/chosen.html", parent="probe/base.html") == "red base []"
        assert drawn(blue, "probe/chosen.html", parent="probe/base.html") == "blue base ()"


def test_one_compiled_template_draws_with_the_theme_of_the_moment(
    themes: None, alpha: Site, beta: Site
) -> None:
    """Parents and parts are looked up while drawing."""
    red, blue = dressed(alpha, "red"), dressed(beta, "blue")
    with tenant_context(red):
        template = get_template("probe/page.html")
    with tenant_context(blue):
        assert template.render({}) == "blue base (page with base part)"
    with tenant_context(red):
        assert template.render({}) == PAGES["red"]


def test_a_template_that_only_one_theme_has_is_not_found_in_another(
    themes: None, alpha: Site, beta: Site
) -> None:
    red, blue = dressed(alpha, "red"), dressed(beta, "blue")
    for _ in range(2):
        assert drawn(red, "probe/own.html") == "red's own"
        with pytest.raises(TemplateDoesNotExist):
            drawn(blue, "probe/own.html")


@pytest.mark.parametrize("theme", ["gone", "", "../red", "base/../red"])
def test_a_theme_that_is_not_installed_falls_back_to_the_base_theme(
    themes: None, alpha: Site, theme: str
) -> None:
    assert drawn(dressed(alpha, theme)) == PAGES["base"]


def test_public_pages_wear_their_sites_theme(
    themes: None, alpha: Site, beta: Site, gamma: Site
) -> None:
    dressed(alpha, "red")
    dressed(beta, "blue")
    portal, department = client_for("www.alpha.localhost"), client_for("gamma.alpha.localhost")
    for _ in range(2):
        assert portal.get("/").content.startswith(b"red frame")
        assert portal.get("/nothing/").content == b"red 404"
        township = portal.get("/zz/beta/").content
        assert b"blue footer" in township
        assert not township.startswith(b"red")
        assert b"blue" not in department.get("/").content
        assert b"red" not in portal.get("/zz/beta/nothing/").content[:20]


def test_threads_with_two_themes_never_mix_them(
    themes: None, alpha: Site, beta: Site, gamma: Site
) -> None:
    sites = [dressed(alpha, "red"), dressed(beta, "blue"), dressed(gamma, "gone")]
    wrong: list[str] = []
    start = threading.Barrier(8)

    def draw(first: int) -> None:
        start.wait()
        for turn in range(400):
            site = sites[(first + turn) % 3]
            connection.set_tenant(site)  # no statement is sent
            if turn % 40 == 0 and first == 0:
                forget_templates()
            text = get_template("probe/page.html").render({})
            if text != PAGES[site.theme]:
                wrong.append(f"{site.theme}: {text}")

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
