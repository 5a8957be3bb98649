"""What stands before Wagtail's own addresses below ``/admin/``."""

from django.urls import path
from django.views.decorators.cache import never_cache
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.account import LogoutView

from .assistance_views import ResetSecondFactorView, UnlockView
from .invitation_views import InvitationView, answer, confirm_address
from .password_views import SetPasswordView, renew_password
from .second_factor_views import check, own
from .views import AccountView, SignInView

urlpatterns = [
    path("login/", never_cache(SignInView.as_view()), name="sign_in"),
    path("second-factor/", check, name="second_factor_check"),
    # Wagtail's asks for rights on the site, so nobody without them could sign out there.
    path("logout/", never_cache(LogoutView.as_view()), name="sign_out"),
    path(
        "password_reset/confirm/<uidb64>/<token>/",
        never_cache(SetPasswordView.as_view()),
        name="set_password",
    ),
    path("invitations/<str:token>/", InvitationView.as_view(), name="invitation"),
    path("invitations/mine/<int:pk>/", answer, name="answer_invitation"),
    path("address/<str:token>/", confirm_address, name="confirm_address"),
    path(
        "members/<int:pk>/second-factor/",
        never_cache(require_admin_access(ResetSecondFactorView.as_view())),
        name="reset_second_factor",
    ),
    path(
        "members/<int:pk>/unlock/",
        never_cache(require_admin_access(UnlockView.as_view())),
        name="unlock_account",
    ),
    path("account/second-factor/", own, name="second_factor"),
    path("account/new-password/", renew_password, name="renew_password"),
    path("account/", never_cache(require_admin_access(AccountView.as_view()))),
]
