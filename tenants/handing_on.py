"""What a blueprint hands on to the sites made from it, table by table.

Whatever is not named here stays behind: accounts' rights, logs, form data, locks, comments,
tokens, redirects. A test demands that every tenant table stands in one of the two lists.
"""

LATEST = (
    'WHERE id IN (SELECT latest_revision_id FROM @schema."wagtailcore_page"'
    ' UNION SELECT live_revision_id FROM @schema."wagtailcore_page")'
)
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
    "wagtailcore_revision": LATEST,
    "wagtailcore_referenceindex": "",
    "wagtailcore_task": "",
    "wagtailcore_groupapprovaltask": "",
    "wagtailcore_groupapprovaltask_groups": "",
    "wagtailcore_workflow": "",
    "wagtailcore_workflowtask": "",
    "wagtailcore_workflowpage": "",
    "wagtailimages_image": "",
    "wagtailsearch_indexentry": "",
    "cms_homepage": "",
    "cms_columnpage": "",
    "cms_articlepage": "",
    "cms_topicpage": "",
    "cms_linkpage": "",
    "cms_siteidentity": "",
}
