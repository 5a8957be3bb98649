"""Pages in every state, what hangs on them, and their translations."""

from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.models import (
    Comment,
    CommentReply,
    GroupApprovalTask,
    Locale,
    Page,
    PageSubscription,
    Site as WagtailSite,
    TaskState,
    Workflow,
    WorkflowContentType,
    WorkflowPage,
    WorkflowTask,
)
from wagtail_localize.models import (
    LocaleSynchronization,
    OverridableSegment,
    RelatedObjectSegment,
    SegmentOverride,
    StringTranslation,
    TranslatableObject,
    Translation,
    TranslationContext,
    TranslationSource,
)
from wagtail_localize.operations import translate_object

from sitecluster.cms.models import ArticlePage, Attachment, ColumnPage, LinkPage, TopicPage

from .content import Filling, filler, unfinished_work


def add(parent: Any, page: Any, publish: bool = True) -> Any:
    """Put ``page`` below ``parent`` as an editor would."""
    page.live, page.locale_id = False, parent.locale_id
    Page.objects.get(pk=parent.pk).add_child(instance=page)
    revision = page.save_revision()
    if publish:
        revision.publish()
    return type(page).objects.get(pk=page.pk)


def home_of_site() -> Any:
    return WagtailSite.objects.get().root_page.specific


@filler
def article(filling: Filling) -> None:
    """The first page of the round: published, changed since, discussed, in review."""
    filling.made["column"] = column = ColumnPage.objects.child_of(home_of_site()).first()
    caption = filling.text("caption")
    page = ArticlePage(
        title=filling.text("article"),
        # Of its own choosing: a name that is given out would use up a page's key.
        slug=f"20260101-{filling.round:04}",
        subtitle=filling.text("subtitle"),
        source=filling.text("source"),
        author=filling.text("author"),
        summary=filling.text("summary"),
        keywords=filling.text("keywords"),
        lead_image=filling.made["image"],
        body=[
            ("text", f"<p>{filling.text('body')} <b>bold</b></p>"),
            ("image", {"image": filling.made["image"], "caption": caption, "alt": caption}),
            ("file", {"document": filling.made["document"], "title": ""}),
            ("quote", {"text": filling.text("quote"), "attribution": ""}),
        ],
        owner=filling.author,
    )
    page.attachments = [Attachment(document=filling.made["document"], title=filling.text("att"))]
    filling.made["article"] = page = add(column, page)
    page.save_revision(user=filling.author, log_action=True)
    filling.made["revision"] = page.latest_revision
    unfinished_work(filling, page)
    comment = Comment.objects.create(
        page=page, user=filling.author, text=filling.text("comment"), contentpath="title"
    )
    CommentReply.objects.create(comment=comment, user=filling.author, text=filling.text("reply"))
    PageSubscription.objects.create(page=page, user=filling.author, comment_notifications=True)


@filler
def other_pages(filling: Filling) -> None:
    """A page of every type and state."""
    home, column, author = home_of_site(), filling.made["column"], filling.author
    CreatePageAliasAction(
        filling.made["article"], update_slug=filling.slug("alias"), parent=column, user=author
    ).execute(skip_permission_checks=True)
    draft = ColumnPage(
        title=filling.text("column"),
        slug=filling.slug("column"),
        owner_unit=filling.text("unit")[:100],
        description=filling.text("description"),
        keywords=filling.text("words"),
        owner=author,
    )
    filling.made["draft"] = add(home, draft, publish=False)
    topic = TopicPage(
        title=filling.text("topic"),
        slug=filling.slug("topic"),
        summary=filling.text("s"),
        lead_image=filling.made["image"],
        owner=author,
    )
    filling.made["topic"] = add(home, topic)
    url = f"https://{filling.slug('link')}.example/"
    add(column, LinkPage(title=filling.text("link"), slug=filling.slug("link"), url=url))
    later = timezone.now() + timedelta(days=400)
    times = {"go_live_at": later, "expire_at": later + timedelta(days=1)}
    scheduled = ArticlePage(title=filling.text("scheduled"), source="x", owner=author, **times)
    scheduled.body = [("text", f"<p>{filling.text('later')}</p>")]
    filling.made["scheduled"] = add(column, scheduled)
    locked = ArticlePage(title=filling.text("locked"), source="x", owner=author)
    locked.body = [("text", f"<p>{filling.text('lock')}</p>")]
    locked = add(column, locked)
    locked.locked, locked.locked_by, locked.locked_at = True, author, timezone.now()
    locked.save()
    locked.copy(update_attrs={"title": filling.text("copy")}, user=author)


@filler
def workflow(filling: Filling) -> None:
    """A workflow of the site's own, and one page in review and one rejected."""
    task = GroupApprovalTask.objects.create(name=filling.text("task"))
    task.groups.add(filling.made["group"])
    made = Workflow.objects.create(name=filling.text("workflow"))
    WorkflowTask.objects.create(workflow=made, task=task, sort_order=0)
    WorkflowPage.objects.create(workflow=made, page=filling.made["topic"])
    kinds = ContentType.objects.filter(app_label="cms").order_by("pk")
    WorkflowContentType.objects.get_or_create(
        content_type=kinds[filling.round], defaults={"workflow": made}
    )
    page = filling.made["article"]
    made.start(page, filling.author)
    state = page.current_workflow_task_state
    TaskState.objects.filter(pk=state.pk).update(comment=filling.text("note"))
    filling.made |= {"workflow": made, "task": task, "task_state": state}


@filler
def translation(filling: Filling) -> None:
    """An English edition of the home page, the column and the article, half translated."""
    english, _ = Locale.objects.get_or_create(language_code="en")
    native = Locale.objects.get(language_code="zh-hans")
    LocaleSynchronization.objects.get_or_create(locale=english, defaults={"sync_from": native})
    page = filling.made["article"]
    for each in (page, home_of_site(), filling.made["column"]):
        source, _ = TranslationSource.get_or_create_from_instance(each)
    translate_object(home_of_site(), [english])
    translate_object(filling.made["column"], [english])
    translate_object(page, [english])
    source = TranslationSource.objects.get_for_instance(page)
    strings = source.stringsegment_set.order_by("pk")
    StringTranslation.objects.create(
        translation_of=strings[0].string,
        context=strings[0].context,
        locale=english,
        data=filling.text("translated"),
        last_translated_by=filling.author,
    )
    context, _ = TranslationContext.objects.get_or_create(
        object=source.object, path=filling.slug("path")
    )
    data = f'"{filling.text("segment")}"'
    OverridableSegment.objects.create(source=source, context=context, order=90, data_json=data)
    SegmentOverride.objects.create(
        locale=english, context=context, data_json=data, last_translated_by=filling.author
    )
    RelatedObjectSegment.objects.create(
        source=source,
        context=context,
        order=91,
        object=TranslatableObject.objects.exclude(pk=source.object_id).first(),
    )
    filling.made["translation"] = Translation.objects.get(source=source, target_locale=english)
