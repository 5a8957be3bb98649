"""What a blueprint hands on to the sites made from it, table by table.

Every table of a site stands in one of the two lists: what is not handed on is withheld, for the
reason given. A test demands the decision for each new table. The tables of plugins are withheld
unless their manifest hands them on.
"""

from django.apps import apps

from sitecluster.plugins.registry import bringers, installed

LATEST = (
    'WHERE id IN (SELECT latest_revision_id FROM @schema."wagtailcore_page"'
    ' UNION SELECT live_revision_id FROM @schema."wagtailcore_page")'
)
# Table -> which of its rows, in SQL; "" is all of them.
HANDED_ON: dict[str, str] = {
    "django_migrations": "",
    "auth_group": "",
    "auth_permission": "",
    "auth_group_permissions": "",
    "wagtailcore_locale": "",
    "wagtailcore_collection": "",
    "wagtailcore_groupcollectionpermission": "",
    "wagtailcore_page": "",
    "wagtailcore_grouppagepermission": "",
    "wagtailcore_site": "",
    "wagtailcore_groupsitepermission": "",
    "wagtailcore_revision": LATEST,
    "wagtailcore_referenceindex": "",
    "wagtailcore_task": "",
    "wagtailcore_groupapprovaltask": "",
    "wagtailcore_groupapprovaltask_groups": "",
    "wagtailcore_workflow": "",
    "wagtailcore_workflowtask": "",
    "wagtailcore_workflowpage": "",
    "wagtailcore_workflowcontenttype": "",
    "wagtailimages_image": "",
    "wagtaildocs_document": "",
    "wagtailsearch_indexentry": "",
    "taggit_tag": "",
    "taggit_taggeditem": "",
    "cms_homepage": "",
    "cms_columnpage": "",
    "cms_articlepage": "",
    "cms_documentpage": "",
    "cms_organpage": "",
    "cms_leaderpage": "",
    "cms_attachment": "",
    "cms_topicpage": "",
    "cms_linkpage": "",
    "cms_siteidentity": "",
    "feedback_feedbacksettings": "",
}

PEOPLE = "belongs to a person, and a new site has no members"
LOG = "tells what happened on another site"
WORK = "work under way, which ends with the blueprint"
DERIVED = "made again when it is needed"
NO_PRIVACY = "no page and no collection is private"
TRANSLATION = "translations are begun on the site itself"
WITHHELD: dict[str, str] = {
    "feedback_message": "written by citizens to another site",
    "rights_usergroup": PEOPLE,
    "rights_userpermission": PEOPLE,
    "wagtailusers_userprofile": PEOPLE,
    "wagtailcore_apitoken": PEOPLE,
    "wagtailcore_pagesubscription": PEOPLE,
    "wagtailadmin_admin": "a name for permissions, without rows",
    "wagtailadmin_editingsession": WORK,
    "wagtailadmin_formstate": WORK,
    "wagtailcore_comment": WORK,
    "wagtailcore_commentreply": WORK,
    "wagtailcore_taskstate": WORK,
    "wagtailcore_workflowstate": WORK,
    "wagtailcore_uploadedfile": WORK,
    "wagtailcore_modellogentry": LOG,
    "wagtailcore_pagelogentry": LOG,
    "wagtailredirects_redirect": "no page of a new site has moved",
    "wagtailimages_rendition": DERIVED,
    "wagtailembeds_embed": DERIVED,
    "wagtailcore_pageviewrestriction": NO_PRIVACY,
    "wagtailcore_pageviewrestriction_groups": NO_PRIVACY,
    "wagtailcore_collectionviewrestriction": NO_PRIVACY,
    "wagtailcore_collectionviewrestriction_groups": NO_PRIVACY,
    "wagtail_localize_localesynchronization": TRANSLATION,
    "wagtail_localize_overridablesegment": TRANSLATION,
    "wagtail_localize_relatedobjectsegment": TRANSLATION,
    "wagtail_localize_segmentoverride": TRANSLATION,
    "wagtail_localize_string": TRANSLATION,
    "wagtail_localize_stringsegment": TRANSLATION,
    "wagtail_localize_stringtranslation": TRANSLATION,
    "wagtail_localize_template": TRANSLATION,
    "wagtail_localize_templatesegment": TRANSLATION,
    "wagtail_localize_translatableobject": TRANSLATION,
    "wagtail_localize_translation": TRANSLATION,
    "wagtail_localize_translationcontext": TRANSLATION,
    "wagtail_localize_translationlog": TRANSLATION,
    "wagtail_localize_translationsource": TRANSLATION,
}


def handed_on() -> dict[str, str]:
    """As HANDED_ON, with what the installed plugins declare."""
    declared = [table for plugin in installed().values() for table in plugin.manifest.handed_on]
    return HANDED_ON | dict.fromkeys(declared, "")


def plugin_tables() -> set[str]:
    """Every table of an app that comes with a plugin, in whatever schema."""
    return {
        model._meta.db_table
        for label in bringers()
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    }
