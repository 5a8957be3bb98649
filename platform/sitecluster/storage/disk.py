"""Uploads on disk, each site's below a folder of its own."""

import os
from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.storage import FileSystemStorage
from django.utils._os import safe_join
from django.utils.encoding import filepath_to_uri

from sitecluster.tenancy import Side, required_tenant, serving

from . import quota

STARTER = "starter/"


class TenantStorage(FileSystemStorage):
    """Keeps ``name`` below ``sites/<schema>/`` of the active site.

    Names that begin with ``starter/`` are pictures of the blueprints: all sites read the same
    files and none may write or delete them.
    """

    def path(self, name: str) -> str:
        """The file's place on disk; raises SuspiciousFileOperation for one outside the site."""
        if name.startswith(STARTER):
            return safe_join(f"{self.location}/{STARTER}", name.removeprefix(STARTER))
        return safe_join(f"{self.location}/sites/{required_tenant().schema_name}", name)

    def url(self, name: str | None) -> str:
        """Where a browser finds the file.

        On a public host it is below the site's own address; on admin hosts, which serve no
        uploads, on the uploads host; in a task absolute on the public address if there is one.
        """
        path = "/media/" + filepath_to_uri(name or "").lstrip("/")
        request, tenant = serving(), required_tenant()
        if request is not None and request.side in (Side.PUBLIC, Side.UPLOADS):
            return request.prefix + path
        if request is None and tenant.address is not None:
            return tenant.address.url(path)
        return tenant.uploads_url + path

    def delete(self, name: str) -> None:
        """Delete the file; starter pictures stay."""
        if not name.startswith(STARTER):
            size = self._size_there(name)
            super().delete(name)
            if size is not None:
                quota.note(-1, -size)

    def take_stock(self) -> tuple[int, int]:
        """How many files of the active site there are, and their bytes."""
        files = size = 0
        for folder, _, names in os.walk(self.path("")):
            for name in names:
                try:
                    size += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 -- thousands
                    files += 1
                except FileNotFoundError:  # deleted meanwhile
                    continue
        return files, size

    def _size_there(self, name: str) -> int | None:
        try:
            return int(self.size(name))
        except FileNotFoundError:
            return None

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        if mode != "rb":
            _refuse_starter(name)
        file: File[Any] = super()._open(name, mode)  # type: ignore[misc]
        return file

    def _save(self, name: str, content: "File[Any]") -> str:
        _refuse_starter(name)
        saved: str = super()._save(name, content)  # type: ignore[misc]
        # Django names it from the storage's root; `path` starts at the site's folder.
        saved = saved.removeprefix(f"sites/{required_tenant().schema_name}/")
        quota.note(1, int(self.size(saved)))
        return saved


def _refuse_starter(name: str) -> None:
    if name.startswith(STARTER):
        raise SuspiciousFileOperation("Starter pictures are read-only.")
