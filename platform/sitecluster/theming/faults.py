"""The page of an error on our side, which must come whatever the theme is like."""

import logging
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.template import loader

from sitecluster.tenancy import current_tenant, shared_context

TEMPLATE = "500.html"
logger = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """500.html of the site's theme, or the base theme's where that fails too.

    Where even that can't be drawn, since no static file was collected, say, a line of text.
    """
    try:
        return _drawn()
    except Exception:
        logger.exception("The theme's 500.html failed")
    try:
        with shared_context():
            return _drawn()
    except Exception:
        logger.exception("The base theme's 500.html failed")
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return HttpResponseServerError(f"{status.value} {status.phrase}", content_type="text/plain")


def _drawn() -> HttpResponse:
    text = loader.get_template(TEMPLATE).render({"tenant": current_tenant()})
    return HttpResponseServerError(text)
