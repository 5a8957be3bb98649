"""What stands before Wagtail's own addresses below ``/admin/``."""

from django.urls import path
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.account import LogoutView

from .views import AccountView, SignInView

urlpatterns = [
    path("login/", never_cache(SignInView.as_view())),
    # Wagtail's asks for rights on the site, so nobody without them could sign out there.
    path("logout/", never_cache(LogoutView.as_view())),
    path("account/", never_cache(require_admin_access(AccountView.as_view()))),
]
