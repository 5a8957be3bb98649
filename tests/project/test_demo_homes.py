"""The front pages of the sample county."""

import tomllib

from sitecluster.cms.front.sections import HomeSections
from sitecluster.cms.models import HomePage
from sitecluster.project import sample_homes
from sitecluster.tenancy import tenant_context
from tenants.directory import Site
from tests.conftest import client_for


def test_a_front_page_is_composed_once_by_code_or_kind(gamma: Site) -> None:
    with tenant_context(gamma):
        assert sample_homes.compose()
        assert not sample_homes.compose()
        home = HomePage.objects.get()
        kinds = [section.block_type for section in home.sections]
    assert kinds[:2] == ["tasks", "news"]
    assert client_for("gamma.alpha.localhost").get("/").status_code == 200


def test_every_section_of_the_file_is_one_an_editor_could_have_made() -> None:
    blocks = HomeSections().child_blocks
    known = tomllib.loads(sample_homes.FILE.read_text("utf8"))
    for sections in known.values():
        for section in sections:
            fields = {*section} - {"type"}
            assert fields <= {*blocks[section["type"]].child_blocks}
