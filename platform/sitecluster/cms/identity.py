"""Who stands behind a site: the facts that the footer and the page tags must show.

Source: guideline 2017-47 (legal name, host unit, organiser, contact, site identification code,
ICP filing, police filing, mark of party and government organs, entry for reporting errors); the
four roles of units A-297, leaders and working body A-300 and A-308, which citizens don't see.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

# 网站标识码 (guideline 2017-47, B.4).
SITE_ID_CODE_PATTERN = r"^(\d{10}|bm\d{8}|N\d{9})\Z"
SITE_ID_CODE = RegexValidator(
    SITE_ID_CODE_PATTERN,
    _("The code has ten digits, or starts with bm or N."),
)


@register_setting(icon="site")
class SiteIdentity(BaseSiteSetting):
    """The site's identity; one row a site."""

    legal_name = models.CharField(_("legal name"), max_length=100, blank=True)
    host_unit = models.CharField(_("host unit"), max_length=100, blank=True)
    organiser = models.CharField(_("organiser"), max_length=100, blank=True)
    co_organiser = models.CharField(_("co-organiser"), max_length=200, blank=True, db_default="")
    operator = models.CharField(
        _("unit that builds and runs it"), max_length=100, blank=True, db_default=""
    )
    leader = models.CharField(_("leader in charge"), max_length=50, blank=True, db_default="")
    deputy_leader = models.CharField(
        _("deputy leader in charge"), max_length=50, blank=True, db_default=""
    )
    working_body = models.CharField(_("working body"), max_length=100, blank=True, db_default="")
    editor_in_chief = models.CharField(
        _("editor-in-chief"), max_length=50, blank=True, db_default=""
    )
    contact_phone = models.CharField(_("telephone"), max_length=50, blank=True)
    contact_email = models.EmailField(_("email address"), blank=True)
    address = models.CharField(_("postal address"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True, db_default="")
    office_hours = models.CharField(_("office hours"), max_length=200, blank=True, db_default="")
    site_id_code = models.CharField(
        _("site identification code"), max_length=10, blank=True, validators=[SITE_ID_CODE]
    )
    icp_number = models.CharField(_("ICP filing number"), max_length=50, blank=True)
    police_number = models.CharField(_("police filing number"), max_length=50, blank=True)
    mark_code = models.CharField(
        _("code of the mark of party and government organs"), max_length=64, blank=True
    )
    error_report_url = models.URLField(
        _("address for reporting errors"),
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=("http", "https"))],
        help_text=_("Where “Report an error on this site” in the footer leads."),
    )
    copyright = models.CharField(_("copyright notice"), max_length=200, blank=True)
    supports_ipv6 = models.BooleanField(
        _("can be reached over IPv6"), default=False, db_default=False
    )
    white_list = models.TextField(
        _("known sites"),
        blank=True,
        db_default="",
        help_text=_(
            "Hosts to which links lead without a word of warning, one a line; addresses of"
            " governments (gov.cn) always do."
        ),
    )

    panels = [
        MultiFieldPanel(
            [
                FieldPanel("legal_name"),
                FieldPanel("host_unit"),
                FieldPanel("organiser"),
                FieldPanel("co_organiser"),
                FieldPanel("operator"),
            ],
            heading=_("Who runs this site"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("leader"),
                FieldPanel("deputy_leader"),
                FieldPanel("working_body"),
                FieldPanel("editor_in_chief"),
            ],
            heading=_("Who answers for it"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("contact_phone"),
                FieldPanel("contact_email"),
                FieldPanel("address"),
                FieldPanel("postcode"),
                FieldPanel("office_hours"),
            ],
            heading=_("Contact"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("site_id_code"),
                FieldPanel("icp_number"),
                FieldPanel("police_number"),
                FieldPanel("mark_code"),
                FieldPanel("error_report_url"),
                FieldPanel("copyright"),
                FieldPanel("supports_ipv6"),
            ],
            heading=_("Filings and marks"),
        ),
        FieldPanel("white_list"),
    ]

    class Meta:
        verbose_name = _("site identity")
        verbose_name_plural = _("site identities")


def faults(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Label and fault of each of these fields of `SiteIdentity` that can't be so.

    Raises FieldDoesNotExist for another name.
    """
    for name, value in values.items():
        field: Any = SiteIdentity._meta.get_field(name)
        try:
            field.clean(value, None)
        except ValidationError as error:
            yield field.verbose_name, " ".join(error.messages)


def field_titles() -> dict[str, Any]:
    """What the facts are called in the audit trail: each field's label."""
    names = {field.name: field for field in SiteIdentity._meta.concrete_fields}
    return {
        name: field.verbose_name
        for name, field in names.items()
        if isinstance(field, models.CharField) and name != "address"  # a site's has that name, too
    }
