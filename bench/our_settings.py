"""The project's settings on the database and in the folder of a bench."""

import os
from pathlib import Path

from sitecluster.project import settings as project
from sitecluster.project.settings import *  # noqa: F403 -- all of them, as they are

FOLDER = Path(os.environ["BENCH_FOLDER"])
DATABASES = {"default": {**project.DATABASES["default"], "NAME": os.environ["BENCH_DATABASE"]}}
MEDIA_ROOT = FOLDER / "media"
STATIC_ROOT = FOLDER / "static"
# Hashed names would need a collected tree; both sides of a comparison do without.
STORAGES = {
    **project.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
