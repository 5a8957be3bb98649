from django.http import HttpRequest
from django.utils.html import format_html


def render(request: HttpRequest) -> str:
    if "broken" in request.GET:
        raise ZeroDivisionError
    return format_html("<p>board of {}</p>", request.path)
