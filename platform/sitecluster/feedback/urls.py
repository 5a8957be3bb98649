"""The addresses of feedback on public hosts."""

from django.urls import path

from . import views

app_name = "feedback"
urlpatterns = [
    path("", views.form, name="form"),
    path("received/", views.received, name="received"),
    path("status/", views.status, name="status"),
]
