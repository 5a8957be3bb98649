"""Fills a site with one of everything, every text marked."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image as Picture
from wagtail.admin.models import EditingSession, FormState
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents import get_document_model
from wagtail.embeds.models import Embed
from wagtail.images import get_image_model
from wagtail.models import (
    APIToken,
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    GroupSitePermission,
    Page,
    Site as WagtailSite,
    UploadedFile,
)
from wagtail.users.models import UserProfile

from sitecluster.accounts.membership import add_member, end_membership
from sitecluster.accounts.models import User
from sitecluster.accounts.suspension import suspend
from sitecluster.cms.models import ArticlePage, SiteIdentity
from sitecluster.feedback.models import Kind, Message
from sitecluster.rights.models import UserPermission
from sitecluster.tenancy import tenant_context
from tenants.directory import Site

from .keys import models_of_a_site
from .marks import Mark

PASSWORD = "Zhongguo-2026"


@dataclass
class Filling:
    """A round of filling of one site, and what it has made so far."""

    site: Site
    mark: Mark
    round: int
    people: dict[str, User] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    """How many rows each of the site's tables had before the round."""

    @property
    def author(self) -> User:
        """The member who has made most of it."""
        return self.people["author"]

    def text(self, what: str) -> str:
        return self.mark.text(f"{what} {self.round}")

    def slug(self, what: str) -> str:
        return self.mark.slug(f"{what}{self.round}")


# Further parts of the platform add theirs here; each runs inside the site's schema.
FILLERS: list[Callable[[Filling], None]] = []


def filler(function: Callable[[Filling], None]) -> Callable[[Filling], None]:
    """Run ``function`` at every filling, in the order of declaration."""
    FILLERS.append(function)
    return function


def fill(site: Site, mark: Mark, number: int) -> Filling:
    """Fill ``site`` for the ``number``-th time; every filler is on its own commit."""
    filling = Filling(site, mark, number)
    with tenant_context(site):
        for model in models_of_a_site(site.schema_name):
            filling.counts[model._meta.label] = model._base_manager.count()
    for each in FILLERS:
        with tenant_context(site):
            each(filling)
    return filling


def picture(colour: tuple[int, int, int]) -> bytes:
    """A small PNG."""
    data = io.BytesIO()
    Picture.new("RGB", (40, 30), colour).save(data, "PNG")
    return data.getvalue()


@filler
def people(filling: Filling) -> None:
    """Members of every kind: one who writes, one suspended, one who has left."""
    for who, roles in (("author", ["site_admin"]), ("suspended", []), ("former", ["editor"])):
        address = filling.mark.email(f"{who}{filling.round}")
        user, _ = add_member(
            address, filling.site, roles, name=filling.text(who), password=PASSWORD
        )
        filling.people[who] = user
    suspend(filling.people["suspended"], filling.text("reason"), by=filling.author)
    end_membership(filling.people["former"], filling.site, by=filling.author)
    permission = Permission.objects.get(codename="access_admin")
    UserPermission.objects.create(user=filling.author, permission=permission)
    profile = UserProfile.get_for_user(filling.author)
    profile.avatar.save(f"{filling.slug('avatar')}.png", ContentFile(picture((9, 9, 9))))
    _, plain = APIToken.create_token(user=filling.author, name=filling.text("token"))
    filling.tokens.append(plain)


@filler
def rights(filling: Filling) -> None:
    """A group of the site's own with rights of every kind."""
    group = Group.objects.create(name=filling.text("group"))
    group.permissions.add(*Permission.objects.filter(content_type__app_label="wagtailredirects"))
    root, top = Page.get_first_root_node(), Collection.get_first_root_node()
    view = Permission.objects.filter(content_type__app_label="wagtailcore")
    GroupPagePermission.objects.create(
        group=group, page=root, permission=view.get(codename="add_page")
    )
    GroupCollectionPermission.objects.create(
        group=group, collection=top, permission=view.get(codename="add_collection")
    )
    GroupSitePermission.objects.create(
        group=group, site=WagtailSite.objects.get(), permission=view.get(codename="change_site")
    )
    collection = top.add_child(name=filling.text("collection"))
    filling.made |= {"group": group, "collection": collection}


@filler
def uploads(filling: Filling) -> None:
    """An image with renditions, a document, an unfinished upload; tagged."""
    image_file = ContentFile(picture((len(filling.site.code), 7, 7)), f"{filling.slug('p')}.png")
    image = get_image_model().objects.create(
        title=filling.text("image"),
        description=filling.text("description"),
        file=image_file,
        collection=filling.made["collection"],
        uploaded_by_user=filling.author,
    )
    image.tags.add(filling.text("tag"))
    for spec in ("max-165x165", "max-800x600|format-webp", "fill-20x20"):
        image.get_rendition(spec)
    document = get_document_model().objects.create(
        title=filling.text("document"),
        file=ContentFile(filling.text("file").encode(), f"{filling.slug('d')}.txt"),
        collection=filling.made["collection"],
        uploaded_by_user=filling.author,
    )
    document.tags.add(filling.text("doctag"))
    UploadedFile.objects.create(
        for_content_type=ContentType.objects.get_for_model(get_image_model()),
        file=ContentFile(picture((1, 2, 3)), f"{filling.slug('u')}.png"),
        uploaded_by_user=filling.author,
    )
    filling.made |= {"image": image, "document": document}


@filler
def odds_and_ends(filling: Filling) -> None:
    """Settings, redirects, an embed."""
    site = WagtailSite.objects.get()
    identity = SiteIdentity.for_site(site)
    identity.contact_phone = filling.text("tel")[:50]
    identity.address, identity.copyright = filling.text("street"), filling.text("copyright")
    identity.contact_email = filling.mark.email("office")
    identity.save()
    redirect = Redirect(
        old_path=Redirect.normalise_path(f"/{filling.slug('old')}"),
        site=site,
        redirect_link=f"https://{filling.slug('link')}.example/",
    )
    redirect.save()
    Embed.objects.create(
        url=f"https://{filling.slug('embed')}.example/",
        hash=filling.slug("h")[:32],
        type="video",
        html=filling.text("html"),
        title=filling.text("title"),
        last_updated=timezone.now(),
    )


def unfinished_work(filling: Filling, article: ArticlePage) -> None:
    """What Wagtail keeps of an editor at work on ``article``."""
    about = ContentType.objects.get_for_model(ArticlePage)
    now = timezone.now()
    EditingSession.objects.create(
        user=filling.author,
        content_type=about,
        object_id=str(article.pk),
        last_seen_at=now,
        is_editing=True,
    )
    FormState.objects.create(
        data=f"title={filling.slug('state')}",
        user=filling.author,
        content_type=about,
        object_id=str(article.pk),
        last_updated_at=now,
    )


@filler
def messages(filling: Filling) -> None:
    """What a citizen wrote; numbers and forms are never the same twice."""
    Message.objects.create(
        number=f"{filling.round}-{filling.slug('number')}"[:24],
        kind=Kind.OTHER,
        place=f"/{filling.slug('place')}/",
        text=filling.text("message"),
        contact=filling.mark.email(f"citizen{filling.round}"),
        language="zh-hans",
        answer=filling.text("answer"),
        note=filling.text("note"),
        form=f"{filling.round}-{filling.slug('form')}"[:64],
    )
