"""Eight threads that change sites at every request: 20,000 mixed requests, no wrong answer.

Sites of one kind have the same primary keys throughout, so whatever one site's answer is made
of would fit into another's.
"""

import io
import json
import random
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, RequestFactory
from pytest_django.plugin import DjangoDbBlocker
from wagtail.coreutils import get_locales_display_names
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Locale, Page, Site as WagtailSite
from wagtail.permissions import policy_registry

from sitecluster.accounts.membership import add_member
from sitecluster.accounts.models import User
from sitecluster.cms.identity import SiteIdentity
from sitecluster.cms.models import ArticlePage, ColumnPage
from sitecluster.tenancy import required_tenant, shared_context, tenant_context
from tenants import directory
from tenants.directory import Site
from tenants.orders import Order
from tenants.provisioning import provision
from tenants.routing import RoutingMiddleware
from tests.databases import connected_to, database_copy

THREADS = 8
REQUESTS = 20_000
WHOLE_ONE_IN = 33  # so many requests run through the whole stack, pages and screens drawn
SITES_PER_CONNECTION = 15  # of 18: a site with screens counts three times
TOWNSHIPS = ("delta", "epsilon", "zeta")
MARK = '<meta name="SiteName" content="'


@dataclass
class Truth:
    """What a site has to answer; its primary keys are other sites' as well."""

    site: Site
    article: int
    column: int
    image: int
    home_path: str
    languages: list[str]
    column_url: str
    cookies: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)


# --- What is asked inside a request ------------------------------------------------------------


def content_types(truth: Truth, user: int) -> Any:
    """The content type of a model, and the class of a page whose row names one."""
    page = Page.objects.get(pk=truth.article)
    model = ContentType.objects.get_for_model(ArticlePage)
    return [model.pk, page.specific_class.__name__, page.title]


def permissions(truth: Truth, user: int) -> Any:
    """What somebody may do here: an editor of one site, a reviewer of another."""
    person = User.everyone.get(pk=user)
    testing = Page.objects.get(pk=truth.article).permissions_for_user(person)
    return [
        person.has_perm("wagtailadmin.access_admin"),
        policy_registry.get_by_type(get_image_model()).user_has_permission(person, "add"),
        testing.can_edit(),
        testing.can_publish(),
    ]


def page_urls(truth: Truth, user: int) -> Any:
    """The address of a page, and what Wagtail remembers of the site's roots."""
    roots = WagtailSite.get_site_root_paths()
    page = Page.objects.get(pk=truth.article)
    return [page.full_url, page.get_url(), roots[0].root_path, roots[0].root_url]


def renditions(truth: Truth, user: int) -> Any:
    """The address of a picture of one size."""
    image = get_image_model().objects.get(pk=truth.image)
    return [image.title, image.get_rendition("width-40").url]


def locales(truth: Truth, user: int) -> Any:
    """The languages that the site has."""
    names = get_locales_display_names()
    rows = Locale.objects.order_by("language_code")
    same = [row.language_code for row in rows if names.get(row.pk) == row.get_display_name()]
    return [same, len(names)]


def identity(truth: Truth, user: int) -> Any:
    """The site's own setting."""
    return SiteIdentity.for_site(WagtailSite.objects.get(is_default_site=True)).legal_name


PROBES: dict[str, Callable[[Truth, int], Any]] = {
    probe.__name__: probe
    for probe in (content_types, permissions, page_urls, renditions, locales, identity)
}
WEIGHTS = [4, 1, 4, 4, 4, 3]  # the second one costs ten statements


# --- The cluster -------------------------------------------------------------------------------


@pytest.fixture
def cluster(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[Truth]]:
    """Six sites in a database of their own, four of them from one blueprint."""
    monkeypatch.setattr(settings, "SITES_PER_CONNECTION", SITES_PER_CONNECTION)
    with django_db_blocker.unblock(), database_copy("stress") as name, connected_to(name):
        directory.forget()
        for number, code in enumerate(TOWNSHIPS):
            provision(
                Order(code=code, name=f"第{number}镇人民政府", kind="township", parent="alpha")
            )
        codes = ("alpha", "beta", "gamma", *TOWNSHIPS)
        sites = [directory.snapshot().by_code[code] for code in codes]
        truths = [_furnish(site, number) for number, site in enumerate(sites)]
        _staff(truths)
        yield truths
        with shared_context():
            connections.close_all()
    directory.forget()


def _furnish(site: Site, number: int) -> Truth:
    """A picture, an article and on every second site a second language, all the site's own."""
    with tenant_context(site):
        image = get_image_model().objects.create(
            title=f"图{number}", file=get_test_image_file(f"picture-{site.code}.png")
        )
        # Two threads that made it at once would race for the name of its file.
        image.get_rendition("width-40")
        languages = ["zh-hans"]
        if number % 2:
            Locale.objects.get_or_create(language_code="en")
            languages.insert(0, "en")
        else:
            Locale.objects.filter(language_code="en").delete()
        column = ColumnPage.objects.live().filter(depth=3).order_by("path").first()
        assert column is not None
        article = ArticlePage(title=f"{site.name}的文章", source=site.name, body=[("text", "文")])
        article.live = False
        Page.objects.get(pk=column.pk).add_child(instance=article)
        article.save_revision().publish()
        SiteIdentity.objects.update(legal_name=f"{site.name}（{number}）")
        assert site.address is not None
        home = WagtailSite.objects.get().root_page.url_path
        column_path = f"{site.address.prefix}/{column.slug}/"
        truth = Truth(site, article.pk, column.pk, image.pk, home, languages, column_path)
        _answers(truth, f"{column_path}{article.slug}/", number)
    return truth


def _answers(truth: Truth, path: str, number: int) -> None:
    """What the site must say, from what was put into it."""
    address = truth.site.addresses[0]
    kind = ContentType.objects.get(app_label="cms", model="articlepage").pk
    truth.answers = {
        "content_types": [kind, "ArticlePage", f"{truth.site.name}的文章"],
        "page_urls": {
            "public": [f"{address.root_url}{path}", path, truth.home_path, address.root_url],
            "admin": [f"{address.root_url}{path}"] * 2 + [truth.home_path, address.root_url],
        },
        "renditions": {
            "public": f"{address.prefix}/media/",
            "admin": f"http://{truth.site.code}.uploads.localhost:8000/media/",
            "ends": [f"图{number}", f"images/picture-{truth.site.code}.width-40.png"],
        },
        "locales": [truth.languages, len(truth.languages)],
        "identity": f"{truth.site.name}（{number}）",
    }


def _staff(truths: list[Truth]) -> None:
    """For each site somebody who is editor there, reviewer on the next, nobody elsewhere."""
    for number, truth in enumerate(truths):
        after = truths[(number + 1) % len(truths)]
        with shared_context():
            email = f"{truth.site.code}@example.cn"
            user = add_member(email, truth.site, ["editor"], name=truth.site.code)[0]
            add_member(email, after.site, ["reviewer"])
            client = Client(headers={"host": truth.site.admin_host})
            client.force_login(user)
            truth.cookies = {name: morsel.value for name, morsel in client.cookies.items()}
            truth.answers["user"] = user.pk


# --- The requests ------------------------------------------------------------------------------


class Visitor:
    """One thread's requests; ``wrong`` are the answers that another site's request got."""

    def __init__(self, truths: list[Truth], seed: int, requests: int) -> None:
        self.truths, self.requests = truths, requests
        self.random = random.Random(seed)
        self.wrong: list[str] = []
        self.asked: Counter[str] = Counter()
        self.factory = RequestFactory()
        self.stack = WSGIHandler()

    def run(self) -> None:
        try:
            for _ in range(self.requests):
                truth = self.random.choice(self.truths)
                if self.random.randrange(WHOLE_ONE_IN):
                    self.probe(truth)
                else:
                    self.browse(truth)
        except Exception:
            self.wrong.append(traceback.format_exc())
        finally:
            connections.close_all()

    def probe(self, truth: Truth) -> None:
        """Ask one question inside a request that the routing has given its site."""
        [name] = self.random.choices(list(PROBES), WEIGHTS)
        side = self.random.choice(("public", "admin"))
        number = self.random.randrange(len(self.truths))
        user = self.truths[number].answers["user"]

        def view(request: HttpRequest) -> HttpResponse:
            answer = PROBES[name](truth, user)
            return JsonResponse({"site": required_tenant().code, "answer": answer})

        host, path = truth.site.admin_host, "/admin/"
        if side == "public":
            host, path = truth.site.addresses[0].host, f"{truth.site.addresses[0].prefix}/"
        response = RoutingMiddleware(view)(self.factory.get(path, headers={"host": host}))
        said = json.loads(response.content)
        expected = self.expected(name, truth, side, number)
        if said != {"site": truth.site.code, "answer": expected}:
            self.wrong.append(f"{truth.site.code} {side} {name}: {said} instead of {expected}")
        self.asked[name] += 1

    def expected(self, name: str, truth: Truth, side: str, number: int) -> Any:
        """What the site has to answer to this person on this side."""
        if name == "permissions":
            editor = self.truths[number] is truth
            reviewer = self.truths[(number + 1) % len(self.truths)] is truth
            return [editor or reviewer, editor or reviewer, editor or reviewer, reviewer]
        answer = truth.answers[name]
        if name == "renditions":
            title, end = answer["ends"]
            return [title, answer[side] + end]
        return answer[side] if isinstance(answer, dict) else answer

    def browse(self, truth: Truth) -> None:
        """A request through the whole stack."""
        kind = self.random.choice(("home", "column", "article", "feed", "missing", "screen"))
        prefix = truth.site.addresses[0].prefix
        path = {
            "home": f"{prefix}/",
            "column": truth.column_url,
            "article": truth.answers["page_urls"]["public"][1],
            "feed": f"{truth.column_url}feed.xml",
            "missing": f"{prefix}/nothing/",
            "screen": f"/admin/pages/{truth.article}/",
        }[kind]
        host = truth.site.admin_host if kind == "screen" else truth.site.addresses[0].host
        status, text = self.request(host, path, truth.cookies if kind == "screen" else {})
        wanted = {
            "screen": f"{truth.site.name}的文章",
            "feed": f"<title>{truth.site.name}的文章</title>",
        }.get(kind, f'{MARK}{truth.answers["identity"]}"')
        others = [f"{other.site.name}的文章" for other in self.truths if other is not truth]
        leaks = [other for other in others if other in text]
        if status != (404 if kind == "missing" else 200) or wanted not in text or leaks:
            self.wrong.append(f"{truth.site.code} {path}: {status} {leaks} {text[:300]}")
        self.asked[kind] += 1

    def request(self, host: str, path: str, cookies: dict[str, str]) -> tuple[int, str]:
        """Status and text of what the platform answers."""
        environ = self.factory.get(path, headers={"host": host}).environ
        environ["HTTP_COOKIE"] = SimpleCookie(cookies).output(header="", sep=";").strip()
        environ["wsgi.input"] = io.BytesIO()
        response: Any = self.stack(environ, lambda *status_and_headers: lambda data: None)
        try:
            return response.status_code, b"".join(response).decode()
        finally:
            response.close()


def test_threads_that_change_sites_get_no_wrong_answer(cluster: list[Truth]) -> None:
    # Sites fresh from one blueprint number their pages alike, so a leak finds something.
    assert len({truth.article for truth in cluster[3:]}) == 1
    visitors = [Visitor(cluster, seed, REQUESTS // THREADS) for seed in range(THREADS)]
    threads = [threading.Thread(target=visitor.run) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asked: Counter[str] = sum((visitor.asked for visitor in visitors), Counter())
    wrong = [line for visitor in visitors for line in visitor.wrong]
    assert (wrong[:5], len(wrong)) == ([], 0)
    assert asked.total() == REQUESTS
    assert min(asked.values()) > 50
