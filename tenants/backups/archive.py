"""The file of a backup: a ZIP whose manifest names each member with its checksum, and is signed.

Written and read as a stream, whatever its size. The signature is made with the key of this
installation, so nobody else can make a file whose structure or rows are replayed here.
"""

import hashlib
import json
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

FORMAT = 1
MANIFEST, SIGNATURE = "manifest.json", "signature"
MANIFEST_BYTES = 200_000_000  # more than that is no manifest of ours
BLOCK_BYTES = 1024 * 1024


class ArchiveError(Exception):
    """The file isn't a whole backup of this installation; the message is for people."""


@dataclass
class Member:
    """What the manifest says of a member; ``lines`` are the rows of a table."""

    bytes: int = 0
    lines: int = 0
    sha256: str = ""


class Counted:
    """A stream that notes what passes through it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._digest, self.member = stream, hashlib.sha256(), Member()

    def write(self, data: bytes | str) -> int:
        """Write; COPY hands in either."""
        block = data.encode() if isinstance(data, str) else data
        self._note(block)
        return self._stream.write(block)

    def read(self, size: int = -1) -> bytes:
        """Read up to ``size`` bytes; raises `ArchiveError` where the file is damaged."""
        with _damage():
            return self._note(self._stream.read(size))

    def _note(self, block: bytes) -> bytes:
        self._digest.update(block)
        self.member.bytes += len(block)
        self.member.lines += block.count(b"\n")
        return block

    def finished(self) -> Member:
        """What has passed, with its checksum."""
        self.member.sha256 = self._digest.hexdigest()
        return self.member


class Writer:
    """Writes a file, member by member; `seal` ends it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = ZipFile(file, "w")
        self.members: dict[str, Member] = {}

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    @contextmanager
    def adding(self, name: str, *, compressed: bool = True) -> Iterator[Counted]:
        """The stream of a new member."""
        info = ZipInfo(name, time.localtime()[:6])
        info.compress_type = ZIP_DEFLATED if compressed else ZIP_STORED
        with self._zip.open(info, "w", force_zip64=True) as stream:
            counted = Counted(stream)
            yield counted
        self.members[name] = counted.finished()

    def add(self, name: str, text: str) -> None:
        """A member of this text."""
        with self.adding(name) as stream:
            stream.write(text)

    def seal(self, facts: dict[str, Any]) -> None:
        """End the file with its manifest, which holds ``facts`` beside the members."""
        members = {name: asdict(member) for name, member in self.members.items()}
        manifest = json.dumps(
            {**facts, "format": FORMAT, "members": members},
            cls=DjangoJSONEncoder,
            ensure_ascii=False,
        ).encode()
        for name, data in ((MANIFEST, manifest), (SIGNATURE, _signature(manifest).encode())):
            info = ZipInfo(name, time.localtime()[:6])
            info.compress_type = ZIP_DEFLATED
            self._zip.writestr(info, data)


class Reader:
    """Reads a file whose signature holds. Each member is compared with its checksum as it is
    read, at the latest at its end: who reads one undoes all if that raises `ArchiveError`."""

    def __init__(self, file: IO[bytes]) -> None:
        with _damage():
            self._zip = ZipFile(file)
            self.facts = self._manifest()
            given = self.facts["members"]
        self.members = {name: Member(**values) for name, values in given.items()}
        names = [info.filename for info in self._zip.infolist()]
        if sorted(names) != sorted([*self.members, MANIFEST, SIGNATURE]):
            raise ArchiveError(_("The file holds something that its manifest doesn't name."))

    def names(self, folder: str) -> list[str]:
        """The members below ``folder``, which ends with a slash."""
        return sorted(name for name in self.members if name.startswith(folder))

    @contextmanager
    def reading(self, name: str) -> Iterator[Counted]:
        """The stream of a member, which the block must read to its end."""
        with _damage():
            stream = self._zip.open(name)
        with stream:
            counted = Counted(stream)
            yield counted
            while counted.read(BLOCK_BYTES):
                pass
        if counted.finished() != self.members[name]:
            raise ArchiveError(_("%(name)s in the file was changed.") % {"name": name})

    def text(self, name: str) -> str:
        """A whole member, compared before it is given out."""
        with self.reading(name) as stream:
            data = stream.read()
        return data.decode()

    def lines(self, name: str) -> Iterator[Any]:
        """The rows of a member with a JSON object a line; none where there is no such member."""
        if name in self.members:
            with self.reading(name) as stream:
                rest = b""
                while block := stream.read(BLOCK_BYTES):
                    *whole, rest = (rest + block).split(b"\n")
                    yield from map(json.loads, whole)

    def _manifest(self) -> dict[str, Any]:
        sizes = [self._zip.getinfo(name).file_size for name in (MANIFEST, SIGNATURE)]
        if max(sizes) > MANIFEST_BYTES:
            raise BadZipFile
        manifest = self._zip.read(MANIFEST)
        signature = self._zip.read(SIGNATURE).decode("ascii", "replace")
        if not constant_time_compare(signature, _signature(manifest)):
            raise ArchiveError(
                _("The file was changed, or made by an installation with another SECRET_KEY.")
            )
        facts: dict[str, Any] = json.loads(manifest)
        if facts.get("format") != FORMAT:
            raise ArchiveError(_("The file was made by a newer version of the platform."))
        return facts


def _signature(manifest: bytes) -> str:
    return salted_hmac("sitecluster.backup", manifest, algorithm="sha256").hexdigest()


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (BadZipFile, LargeZipFile, zlib.error, KeyError, EOFError, NotImplementedError):
        raise ArchiveError(_("The file is damaged or no backup.")) from None
