"""Django's settings: what is fixed stands here, what may differ comes from `config`."""

from dataclasses import astuple
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from sitecluster.plugins import discovery
from sitecluster.postgres.embedded import Embedded
from sitecluster.postgres.url import parse_database_url

from .config import ROOT, config, secret_key
from .mail import MailServer, mail_server
from .web_role import web_role

SECRET_KEY = secret_key(config)
DEBUG = config.debug
ALLOWED_HOSTS = ["*"]  # tenants.routing answers known hosts only
ROOT_URLCONF = "sitecluster.project.urls_admin"
WSGI_APPLICATION = "sitecluster.project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Sites ---------------------------------------------------------------------------------
SHARED_APPS = [
    "tenants",  # before django_tenants, whose `migrate` it replaces
    "django_tenants",
    "sitecluster.accounts",
    "sitecluster.library",
    "sitecluster.tasks",
    "django_tasks_db",
    "sitecluster.audit",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "axes",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    # Without tables:
    "sitecluster.project",
    "sitecluster.plugins",
    "sitecluster.postgres",
    "sitecluster.storage",
    "sitecluster.theming",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]
TENANT_APPS = [
    "sitecluster.rights",
    "sitecluster.cms",
    "sitecluster.feedback",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.api.v3",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.table_block",
    "wagtail.embeds",
    "sitecluster.accounts.wagtail_users.MembersConfig",  # wagtail.users with our screens
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.auth",
]
_shared, _tenant = discovery.installed_apps([*SHARED_APPS, *TENANT_APPS])
SHARED_APPS, TENANT_APPS = [*SHARED_APPS, *_shared], [*TENANT_APPS, *_tenant]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS, "sitecluster.plugins.last.LastConfig"]
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
ADMIN_DOMAIN = config.admin_domain
UPLOADS_DOMAIN = config.uploads_domain
BASE_DOMAIN = config.base_domain
PUBLIC_SCHEME = config.public_scheme
PORT_SUFFIX = config.port_suffix
SITES_PER_CONNECTION = config.sites_per_connection
DIRECTORY_POLL_SECONDS = 0.5
THEMES_DIRS = [ROOT / "themes", *([Path(config.themes_dir).resolve()] if config.themes_dir else [])]
VAR_DIR = config.var_dir

# --- Database ------------------------------------------------------------------------------
EMBEDDED_POSTGRES = None if config.database_url else Embedded(VAR_DIR)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **(
            EMBEDDED_POSTGRES.connection_info().as_settings()
            if EMBEDDED_POSTGRES
            else parse_database_url(config.database_url)
        ),
        "ENGINE": "tenants.backend",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }
}
WEB_DATABASE_ROLE = web_role(config)  # "" is that of DATABASE_URL

# --- Requests ------------------------------------------------------------------------------
MIDDLEWARE = [
    "sitecluster.project.health.HealthMiddleware",
    "tenants.routing.RoutingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "sitecluster.project.middleware.SessionMiddleware",
    "sitecluster.project.middleware.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "sitecluster.project.middleware.CsrfViewMiddleware",
    "sitecluster.project.middleware.AuthenticationMiddleware",
    "sitecluster.project.middleware.MessageMiddleware",
    "sitecluster.accounts.gate.SignInGate",
    "tenants.life.frozen.FrozenGate",
    "sitecluster.plugins.middleware.PluginMiddleware",
    "sitecluster.cms.publication_errors.PublicationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "sitecluster.cms.leaving.links.LeavingMiddleware",
    "sitecluster.cms.redirects.RedirectMiddleware",
    "axes.middleware.AxesMiddleware",
]
TRUSTED_PROXIES = config.trusted_proxies
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PUBLIC_SCHEME == "https" else None
SESSION_COOKIE_DOMAIN = CSRF_COOKIE_DOMAIN = ADMIN_DOMAIN
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_SCHEME == "https"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "sitecluster_session", "sitecluster_csrf"
CSRF_TRUSTED_ORIGINS = [f"{PUBLIC_SCHEME}://*.{ADMIN_DOMAIN}{PORT_SUFFIX}"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "sitecluster.theming.loading.CachedLoader",
                    [
                        "sitecluster.theming.loading.ThemeLoader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["sitecluster.plugins.templatetags.plugin_slots"],
            "context_processors": [
                "django.template.context_processors.request",
                "sitecluster.project.middleware.user_context",
                "sitecluster.cms.chrome.chrome",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    }
]

# --- Accounts ------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "sitecluster.accounts.lockout.LockoutBackend",
    "sitecluster.accounts.backend.MemberBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": config.password_min_length},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "sitecluster.accounts.passwords.CharacterClassesValidator"},
    {"NAME": "sitecluster.accounts.passwords.HistoryValidator"},
]
PASSWORD_MIN_CLASSES = config.password_min_classes
PASSWORD_HISTORY = config.password_history
PASSWORD_MAX_AGE_DAYS = config.password_max_age_days
SESSION_IDLE_MINUTES = config.session_idle_minutes
SESSION_COOKIE_AGE = config.session_hours * 3600  # seconds, from the moment of sign-in

# --- Lock-out and second factor ------------------------------------------------------------
LOCKOUT_LIMITS = (
    config.lockout_failures,
    config.lockout_account_failures,
    config.lockout_address_failures,
)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "username", "ip_address"]
AXES_FAILURE_LIMIT = config.lockout_failures
AXES_COOLOFF_TIME = timedelta(minutes=config.lockout_minutes)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else an attacker could keep it going
AXES_HANDLER = "sitecluster.accounts.lockout.Handler"
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "sitecluster.accounts.lockout.account_name"
AXES_CLIENT_IP_CALLABLE = "sitecluster.accounts.lockout.network"
AXES_LOCKOUT_CALLABLE = "sitecluster.accounts.lockout.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
REQUIRE_SECOND_FACTOR = config.require_second_factor
TRIAL_WITHOUT_SECOND_FACTOR = config.trial_without_second_factor
OTP_TOTP_ISSUER = ADMIN_DOMAIN
OTP_TOTP_SYNC = False  # a clock may be one step off, and never more
LOGIN_URL = "wagtailadmin_login"
WAGTAILADMIN_USER_LOGIN_FORM = "sitecluster.accounts.forms.SignInForm"
WAGTAILADMIN_USER_PASSWORD_RESET_FORM = "sitecluster.accounts.forms.PasswordResetForm"

# --- Mail ----------------------------------------------------------------------------------
_mail_server = mail_server(config.email_url)
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if _mail_server
    else "sitecluster.project.mail.FolderBackend"
)
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL = (
    astuple(_mail_server or MailServer("localhost", 25))
)
EMAIL_TIMEOUT = 10  # seconds; mails are sent within requests
DEFAULT_FROM_EMAIL = config.email_sender

# --- Tasks ---------------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": "sitecluster.tasks.backend.CarryingBackend"}}
READY_QUEUE_SECONDS = config.ready_queue_seconds
TASKS_RUN_AT_ONCE = False  # tests only: a worker doesn't see what a test has not committed

# --- Languages -----------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_I18N_ENABLED = True
_own = ROOT / "platform" / "sitecluster"
LOCALE_PATHS = [_own / "locale", _own / "locale_wagtail"]  # they win over Wagtail's own
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- Files and caches ----------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_FINDERS = [
    "sitecluster.theming.finders.ThemeFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
BACKUPS_DIR = Path(config.backups_dir).resolve() if config.backups_dir else VAR_DIR / "backups"
BACKUP_KEEP, BACKUP_DAILY = config.backup_keep, config.backup_daily
STORAGES = {
    "default": {"BACKEND": "sitecluster.storage.disk.TenantStorage"},
    "staticfiles": {"BACKEND": "sitecluster.theming.storage.StaticFiles"},
}
# Holds what Wagtail remembers of 2,000 sites; Django's default of 300 entries would thrash.
CACHES = {
    name: {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": name,
        "KEY_FUNCTION": "sitecluster.tenancy.cache_key",
        "OPTIONS": {"MAX_ENTRIES": entries},
    }
    for name, entries in (("default", 50_000), ("renditions", 200_000))
}


# --- Wagtail -------------------------------------------------------------------------------
def _site_name() -> str:
    """The name of the site that is being edited, for the admin's titles."""
    from sitecluster.tenancy import current_tenant  # noqa: PLC0415 -- reads settings

    tenant = current_tenant()
    return tenant.name if tenant else "Sitecluster"


WAGTAIL_SITE_NAME = lazy(_site_name, str)()
WAGTAILADMIN_BASE_URL = f"{PUBLIC_SCHEME}://{ADMIN_DOMAIN}{PORT_SUFFIX}"
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_PRIVATE_PAGE_OPTIONS = {"SHARED_PASSWORD": False}
WAGTAILDOCS_SERVE_METHOD = "direct"
WAGTAILREDIRECTS_AUTO_CREATE = False  # sitecluster.cms.redirects keeps paths without the prefix
WAGTAILIMAGES_IMAGE_FORM_BASE = "sitecluster.storage.forms.ImageForm"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "sitecluster.storage.forms.DocumentForm"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "gif", "webp", "avif", "svg"]
WAGTAILDOCS_EXTENSIONS = (
    "csv doc docx mp3 mp4 odp ods odt ofd pdf ppt pptx rar rtf txt wps et dps xls xlsx zip".split()
)
WAGTAILAPI_DOCS_ENABLED = False  # its pages load scripts of another server into admin hosts
WAGTAILEMBEDS_FINDERS: list[dict[str, Any]] = []  # a government page calls no other server

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
