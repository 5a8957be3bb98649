"""Wagtail's writing API, which learns to say why a publication is refused."""

from django.http import HttpRequest, HttpResponse
from wagtail.api.v3.errors import problem_response
from wagtail.api.v3.urls import api

from .gates import PublicationRefused
from .publication_errors import REFUSED


@api.exception_handler(PublicationRefused)
def refuse(request: HttpRequest, error: PublicationRefused) -> HttpResponse:
    """Answer 422 with every problem; nothing has changed."""
    errors = [{"type": "publication_refused", "msg": str(text)} for text in error.problems]
    return problem_response(status=REFUSED, detail="Publication refused", errors=errors)


__all__ = ["api"]
