"""The project's settings for the sample county: files as production serves them, in a folder of
the bench."""

from bench.our_settings import *  # noqa: F403 -- all of them, as they are
from bench.our_settings import FOLDER
from sitecluster.project import settings as project

VAR_DIR = FOLDER
STORAGES = project.STORAGES
