"""What stands between the slashes of an address: words, and primary keys of either site.

A pattern with a parameter that is in none of the tables below fails the suite.
"""

import re
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from django.utils.http import urlsafe_base64_encode
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.models import get_page_models
from wagtail.snippets.models import get_snippet_models

from .content import Filling
from .keys import OURS, THEIRS
from .patterns import Place

Words = dict[str, str]
Fill = Callable[[Filling], list[Words]]

KEY = re.compile(r"(^|_)(id|pk)$|^revision_id_[ab]$")
"""Parameters that name a row."""


def _models(first: str, second: str, models: Any) -> list[Words]:
    return [{first: m._meta.app_label, second: m._meta.model_name} for m in models]


def _page_types(first: str, second: str) -> Fill:
    return lambda filling: _models(
        first, second, [m for m in get_page_models() if m._meta.app_label != "wagtailcore"]
    )


def _bulk_actions(filling: Filling) -> list[Words]:
    bulk_action_registry._scan_for_bulk_actions()
    return [
        {"app_label": app, "model_name": model, "action": action}
        for app, models in bulk_action_registry.actions.items()
        for model, actions in models.items()
        for action in actions
    ]


def _settings(filling: Filling) -> list[Words]:
    return _models("app_name", "model_name", settings_registry)


def _snippets(filling: Filling) -> list[Words]:
    """The models of snippets; the register of Wagtail's snippets is empty until there are some."""
    return _models("app_label", "model_name", get_snippet_models()) or [
        {"app_label": "cms", "model_name": "attachment"}
    ]


def _snippet_types(filling: Filling) -> list[Words]:
    return [{"type": m._meta.label} for m in get_snippet_models()] or [{"type": "cms.Attachment"}]


def _fixed(*words: Words) -> Fill:
    return lambda filling: list(words)


def _choices(name: str, *values: str) -> Fill:
    return lambda filling: [{name: value} for value in values]


def _links(filling: Filling) -> list[Words]:
    """One that nobody was sent, for somebody of either site."""
    return [
        {"uidb64": urlsafe_base64_encode(str(key).encode()), "token": "c0ffee-0123456789abcdef"}
        for key in (OURS, THEIRS)
    ]


TASK = {"app_label": "wagtailcore", "model_name": "groupapprovaltask"}
REVIEW = _choices("action_name", "approve", "reject")
API_ACTIONS = """convert_alias copy delete publish unpublish move revert_to_page_revision
create_alias copy_for_translation""".split()
EDITED = (("cms", "articlepage"), ("wagtailcore", "page"), ("wagtailimages", "image"))

# Name of the pattern, or the start of it, and the words of its parameters that are no keys.
WORDS: dict[str, Fill] = {
    "wagtailadmin_pages:add": _page_types("content_type_app_name", "content_type_model_name"),
    "wagtailadmin_pages:preview_on_add": _page_types(
        "content_type_app_name", "content_type_model_name"
    ),
    "wagtailadmin_pages:type_use": _page_types("content_type_app_name", "content_type_model_name"),
    "wagtailadmin_pages:type_use_results": _page_types(
        "content_type_app_name", "content_type_model_name"
    ),
    "wagtailadmin_pages:choose_parent": _page_types("app_label", "model_name"),
    "wagtail_bulk_action": _bulk_actions,
    "wagtailadmin_pages:workflow_action": REVIEW,
    "wagtailadmin_pages:collect_workflow_action_data": REVIEW,
    "wagtailadmin_api:pages:action": _choices("action_name", *API_ACTIONS),
    "wagtailadmin_tag_model_autocomplete": _fixed({"app_name": "taggit", "model_name": "tag"}),
    "wagtailadmin_workflows:add_task": _fixed(TASK),
    "wagtailadmin_editing_sessions:ping": lambda filling: [
        {"app_label": app, "model_name": model} for app, model in EDITED
    ],
    "wagtail_localize:submit_snippet_translation": _snippets,
    "wagtail_localize:snippets_api_listing": _snippets,
    "wagtail_localize:snippets_api_detail": _snippets,
    "wagtail_localize:preview_translation": _choices("mode", "default"),
    "wagtailsettings:edit": _settings,
    "wagtailsettings:preview_on_edit": _settings,
    "wagtailimages:preview": _choices("filter_spec", "max-165x165", "fill-20x20", "width-33"),
    "wagtailadmin_password_reset_confirm": _links,
    "set_password": _links,
    "confirm_address": _choices("token", "no-such-token"),
    "invitation": lambda filling: [
        {"token": filling.made["asked"].link.rstrip("/").split("/")[-1]}
    ],
    "console:act": _choices("name", "freeze", "close"),
    "console:gate": _choices("gate", "approval"),
    "console:gate_withdraw": _choices("gate", "approval"),
    "console:address": _choices("name", "primary", "drop"),
    "console:limit": _choices("key", "offline-days"),
    "console:gate_rule": _choices("gate", "approval"),
    "wagtailapi_v3:get_schema_for_type": _choices("type_name", "cms.ArticlePage", "images"),
    "console:site_plugin_on": _choices("plugin", "board"),
    "console:site_plugin_off": _choices("plugin", "board"),
    "console:site_plugin_purge": _choices("plugin", "board"),
    "wagtailapi_v3:": _snippet_types,
    "console:restoration": _choices("number", "0f8fad5b-d9cb-469f-a165-70867728950e"),
    "console:bulk_act": _choices("act", "theme"),
    "console:": _fixed({"code": "township"}),
}

# Addresses that aren't made by filling in parameters.
DECLARED: dict[str, tuple[str, ...]] = {
    r"^admin/(?:pages|collections)/\d+/privacy/$": (
        f"/admin/pages/{OURS}/privacy/",
        f"/admin/pages/{THEIRS}/privacy/",
        f"/admin/collections/{THEIRS}/privacy/",
    ),
    r"admin/^.*/$": (f"/admin/no-such-page/{THEIRS}/",),
}


class Uncovered(AssertionError):
    """An address pattern that the suite doesn't know how to fill in."""


def words_of(place: Place, filling: Filling) -> list[Words]:
    """The ways to fill in the parameters that are no keys; raises `Uncovered`."""
    wanted = {name for name in place.parameters if not KEY.search(name)}
    if not wanted:
        return [{}]
    names = [place.name, f"{place.name.split(':')[0]}:"]
    for name in names:
        found = WORDS[name](filling) if name in WORDS else []
        if any(wanted <= words.keys() for words in found):
            return [{key: words[key] for key in wanted} for words in found]
    raise Uncovered(f"Nothing is known of {sorted(wanted)} in {place.label}.")


# Where the first row of the round is of the wrong kind: what stands there instead.
Pick = Callable[[Filling], Any]
ALIAS = OURS + 1
PICKED: dict[str, dict[str, Pick]] = {
    "wagtailadmin_pages:convert_alias": {"page_id": lambda made: ALIAS},
    "wagtailadmin_pages:revisions_unschedule": {
        "page_id": lambda filling: filling.made["scheduled"].pk,
        "revision_id": lambda filling: filling.made["scheduled"].latest_revision_id,
    },
    "wagtailadmin_pages:move_confirm": {"destination_id": lambda f: f.made["column"].pk},
    "wagtailadmin_workflows:remove": {"page_pk": lambda filling: filling.made["topic"].pk},
    "wagtailsettings:edit": {"pk": lambda filling: 1},
    "wagtailsettings:preview_on_edit": {"pk": lambda filling: 1},
    "wagtailapi_v3:detail_site": {"site_id": lambda filling: 1},
}
EVERYWHERE: dict[str, Pick] = {"parent_page_id": lambda filling: filling.made["column"].pk}


def our_keys(place: Place, filling: Filling) -> dict[str, Any]:
    """A row of the site that is walked for every key of the pattern."""
    picked = {**EVERYWHERE, **PICKED.get(place.name, {})}
    return {
        name: picked[name](filling) if name in picked else OURS
        for name in place.parameters
        if KEY.search(name)
    }


def key_sets(place: Place, ours: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ours, theirs, and each mixture of the two with one key of theirs."""
    yield "ours", ours
    if not ours:
        return
    if len(ours) > 1:
        for name in ours:
            yield f"their {name}", {**ours, name: THEIRS}
    yield "theirs", dict.fromkeys(ours, THEIRS)


def paths(place: Place, filling: Filling) -> list[tuple[str, str]]:
    """Every address of the pattern to ask for, with a word that says whose rows it names."""
    if place.route in DECLARED:
        return [("declared", path) for path in DECLARED[place.route]]
    if not place.plain:
        raise Uncovered(f"No address can be made from {place.label}.")
    keys = list(key_sets(place, our_keys(place, filling)))
    return [
        (whose, place.path({**words, **values}))
        for words, (whose, values) in product(words_of(place, filling), keys)
    ]
