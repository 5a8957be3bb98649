"""What an uploads host answers: files, nothing else."""

from django.urls import path

from sitecluster.storage.views import upload

urlpatterns = [path("media/<path:name>", upload, name="upload")]
