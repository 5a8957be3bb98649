"""The page of an error on our side, which must come whatever the theme is like."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from sitecluster.tenancy import shared_context

logger = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """500.html of the site's theme, or the base theme's where that fails too."""
    try:
        return defaults.server_error(request)
    except Exception:
        logger.exception("The theme's 500.html failed")
        with shared_context():
            return defaults.server_error(request)
