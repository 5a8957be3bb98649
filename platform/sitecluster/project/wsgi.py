"""The application that a web server runs."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sitecluster.project.settings")
if os.environ.get("WEB_DATABASE_URL"):  # before the settings are read; `serve` does so already
    os.environ["DATABASE_URL"] = os.environ.pop("WEB_DATABASE_URL")

# Outside Django's middleware, since Wagtail loads that anew for every preview.
application = WhiteNoise(
    get_wsgi_application(), root=settings.STATIC_ROOT, prefix=settings.STATIC_URL
)
