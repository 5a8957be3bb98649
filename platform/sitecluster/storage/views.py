"""Uploads over HTTP."""

import mimetypes
import re
from collections.abc import Iterator
from typing import IO, Any

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotFound,
    HttpResponseNotModified,
)
from django.http.response import HttpResponseBase
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.http import require_safe

MAX_AGE_SECONDS = 3600
BLOCK_BYTES = 64 * 1024
# Types a browser may show inside the site; anything else is offered for download.
INLINE_TYPES = ("image/", "video/", "audio/", "application/pdf", "text/plain")
# An uploaded SVG may hold script; it never runs in the site's name. A video or a sound that is
# opened by itself is, to the browser, a page that loads it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'"
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@require_safe
def upload(request: HttpRequest, name: str) -> HttpResponseBase:
    """The upload ``name`` of the active site, or the range of bytes that is asked for.

    Raises Http404 where there is none.
    """
    try:
        modified = int(default_storage.get_modified_time(name).timestamp())
        file = default_storage.open(name)
    except (OSError, SuspiciousFileOperation, ValueError):
        raise Http404(name) from None
    response = _answer(request, file, modified)
    response.headers["Last-Modified"] = http_date(modified)
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}"
    response.headers["Content-Security-Policy"] = POLICY
    return response


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What a host that serves files alone says where there is none; it asks no table."""
    return HttpResponseNotFound("404", content_type="text/plain")


def _answer(request: HttpRequest, file: Any, modified: int) -> HttpResponseBase:
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    if since is not None and modified <= since:
        file.close()
        return HttpResponseNotModified()
    size = file.size
    wanted = _range(request, size, modified)
    if wanted is not None and not wanted:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    response = FileResponse(
        file, content_type=kind, as_attachment=not kind.startswith(INLINE_TYPES)
    )
    response.headers["Accept-Ranges"] = "bytes"
    if wanted:
        response.status_code = 206
        response.streaming_content = _blocks(file, wanted)
        response.headers["Content-Length"] = str(len(wanted))
        response.headers["Content-Range"] = f"bytes {wanted[0]}-{wanted[-1]}/{size}"
    if request.method == "HEAD":
        response.streaming_content = ()
    return response


def _range(request: HttpRequest, size: int, modified: int) -> range | None:
    """The bytes of the one range that is asked for (RFC 9110, 14.1); None for the whole file.

    Empty if the file doesn't have them. Players of video need it, Safari's plays nothing without.
    """
    match = RANGE.fullmatch(request.headers.get("Range", ""))
    condition = request.headers.get("If-Range")
    if not match or match[0] == "bytes=-" or condition not in (None, http_date(modified)):
        return None
    first, last = match.groups()
    if not first:
        return range(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1 if last else size, size))


def _blocks(file: IO[bytes], part: range) -> Iterator[bytes]:
    file.seek(part[0])
    left = len(part)
    while data := file.read(min(left, BLOCK_BYTES)):
        left -= len(data)
        yield data
