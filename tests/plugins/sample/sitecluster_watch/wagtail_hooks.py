from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from wagtail import hooks


def beats(request: HttpRequest) -> HttpResponse:
    return HttpResponse("beats")


@hooks.register("register_admin_urls")
def urls() -> list[URLPattern]:
    return [path("watch/", beats, name="watch_beats")]
