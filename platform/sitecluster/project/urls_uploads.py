"""What an uploads host answers: files, nothing else."""

from django.urls import path

from sitecluster.storage.views import upload

handler404 = "sitecluster.storage.views.missing"
urlpatterns = [path("media/<path:name>", upload, name="upload")]
