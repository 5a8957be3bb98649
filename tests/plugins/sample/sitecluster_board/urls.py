from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.generic import TemplateView


def feed(request: HttpRequest) -> HttpResponse:
    return HttpResponse("feed of the board")


urlpatterns = [
    path("feed/", feed, name="feed"),
    path("about/", TemplateView.as_view(template_name="board/notice_page.html"), name="about"),
]
