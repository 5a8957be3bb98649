"""The settings of a release with one app more than this one.

``LATER`` says for which schemas it is: "tenant" (the default) or "shared". ``LATER_MIGRATIONS``
names another package of its migrations.
"""

import os

from sitecluster.project import settings as project
from sitecluster.project.settings import *  # noqa: F403 -- all of them, as they are

APP = "tests.tenants.later"
SHARED_APPS, TENANT_APPS = list(project.SHARED_APPS), list(project.TENANT_APPS)
(SHARED_APPS if os.environ.get("LATER") == "shared" else TENANT_APPS).append(APP)
INSTALLED_APPS = [*project.INSTALLED_APPS, APP]
if "LATER_MIGRATIONS" in os.environ:
    MIGRATION_MODULES = {"later": os.environ["LATER_MIGRATIONS"]}
