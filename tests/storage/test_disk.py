"""Uploads on disk."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from sitecluster.tenancy import tenant_context
from tenants.directory import Site


def test_name_saved_is_the_name_that_opens(alpha: Site) -> None:
    with tenant_context(alpha):
        name = default_storage.save("documents/notice.txt", ContentFile(b"notice"))
        assert name == "documents/notice.txt"
        with default_storage.open(name) as file:
            assert file.read() == b"notice"
        assert default_storage.path(name).endswith(f"/sites/{alpha.schema_name}/{name}")
        default_storage.delete(name)
        assert not default_storage.exists(name)


def test_each_site_has_files_of_its_own(alpha: Site, beta: Site) -> None:
    with tenant_context(alpha):
        name = default_storage.save("documents/same.txt", ContentFile(b"alpha"))
    with tenant_context(beta):
        assert not default_storage.exists(name)
        assert default_storage.save("documents/same.txt", ContentFile(b"beta")) == name
        assert default_storage.open(name).read() == b"beta"
    with tenant_context(alpha):
        assert default_storage.open(name).read() == b"alpha"
