"""Uploads over HTTP."""

import mimetypes

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseNotModified
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.http import require_safe

MAX_AGE_SECONDS = 3600
# Types a browser may show inside the site; anything else is offered for download.
INLINE_TYPES = ("image/", "video/", "audio/", "application/pdf", "text/plain")


@require_safe
def upload(request: HttpRequest, name: str) -> FileResponse | HttpResponseNotModified:
    """The upload ``name`` of the active site; raises Http404 where there is none."""
    try:
        modified = int(default_storage.get_modified_time(name).timestamp())
        file = default_storage.open(name)
    except (OSError, SuspiciousFileOperation, ValueError):
        raise Http404(name) from None
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    if since is not None and modified <= since:
        file.close()
        return HttpResponseNotModified()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = FileResponse(
        file, content_type=kind, as_attachment=not kind.startswith(INLINE_TYPES)
    )
    response.headers["Last-Modified"] = http_date(modified)
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}"
    # An uploaded SVG may hold script; it never runs in the site's name.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response
