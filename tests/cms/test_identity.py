"""The site's identity: who may edit it, what it accepts, where it is shown."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from wagtail.models import Site as WagtailSite

from sitecluster.cms.models import SiteIdentity
from sitecluster.tenancy import tenant_context


def test_it_is_edited_among_the_settings(desk: Any) -> None:
    row = SiteIdentity.objects.get()
    answer = desk.get(f"/admin/settings/cms/siteidentity/{row.site_id}/")
    assert answer.status_code == 200
    assert {"legal_name", "site_id_code", "icp_number"} <= set(answer.context["form"].fields)


def test_what_is_saved_stands_in_the_footer(desk: Any) -> None:
    row = SiteIdentity.objects.get()
    row.host_unit, row.icp_number = "阿县人民政府办公室", "陕ICP备00000000号"
    row.save()
    address = desk.site.address
    html = Client(headers={"host": address.host}).get(f"{address.prefix}/").content.decode()
    assert "阿县人民政府办公室" in html
    assert "陕ICP备00000000号" in html


@pytest.mark.parametrize("code", ["6108280002", "bm12345678", "N123456789", ""])
def test_site_identification_codes_that_exist(within: Any, code: str) -> None:
    SiteIdentity(site=WagtailSite.objects.get(), site_id_code=code).clean_fields()


@pytest.mark.parametrize("code", ["61082800", "XX12345678", "610828000a"])
def test_site_identification_codes_that_do_not(within: Any, code: str) -> None:
    with pytest.raises(ValidationError):
        SiteIdentity(site=WagtailSite.objects.get(), site_id_code=code).clean_fields()


def test_each_site_has_its_own(alpha: Any, beta: Any) -> None:
    with tenant_context(alpha):
        SiteIdentity.objects.update(legal_name="甲")
    with tenant_context(beta):
        assert SiteIdentity.objects.get().legal_name != "甲"
