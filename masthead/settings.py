"""Django's settings, made from the options of the house and nothing else.

The folder of the site is the environment's MASTHEAD_SITE, else the folder one stands in.
"""

import os
from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

from masthead import options

SITE = Path(os.environ.get("MASTHEAD_SITE", ".")).resolve()
MASTHEAD = options.read(SITE)
DATA = SITE / MASTHEAD["data"]

SECRET_KEY = MASTHEAD["secret_key"] or "unsafe-until-masthead-new-writes-one"
SECRET_KEY_FALLBACKS = MASTHEAD["old_secret_keys"]
DEBUG = MASTHEAD["debug"]
ALLOWED_HOSTS = MASTHEAD["hosts"]
ROOT_URLCONF = "masthead.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "masthead.press",
    "masthead.readership",
    "masthead.publication",
    "masthead.catalogue",
    "masthead.subscribers",
    "masthead.partners",
    "masthead.archive",
    "masthead.articles",
    "masthead.events",
    "masthead.jobs",
    "masthead.newsstand",
    "masthead.newsletters",
    "masthead.portal",
    "masthead.importing",
    "masthead.demo",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",
    "axes",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "masthead.publication.middleware.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "masthead.publication.middleware.PolicyMiddleware",
    "masthead.press.middleware.PressMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "masthead.publication.middleware.TitleMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SITE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]

# SQLite as one machine needs it: readers beside one writer, a writer that waits instead of failing, and commits
# that are on the disk when they return (a delivery that was committed must not come back after a power cut).
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA / "masthead.sqlite3",
    "CONN_MAX_AGE": 600,  # seconds; opening it anew for every request would cost as much as five questions
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    },
}
# Right behind PgBouncer in transaction mode too: no cursor and no prepared statement outlives its transaction, and a
# connection that died while it was idle is noticed before it is used.
DATABASES = {
    "default": dj_database_url.parse(
        MASTHEAD["database"], conn_max_age=600, conn_health_checks=True, disable_server_side_cursors=True
    )
    if MASTHEAD["database"]
    else SQLITE
}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = MASTHEAD["log_in_attempts"]
AXES_COOLOFF_TIME = 0.25  # hours
# One name from one address: a stranger's guesses lock neither the editor nor the rest of the office out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "publication/locked_out.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "masthead.publication.middleware.address_of"
LOGIN_URL = "wagtailadmin_login"

LANGUAGES = [("da", _("Danish")), ("en", _("English"))]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
LANGUAGE_CODE = MASTHEAD["language"]
TIME_ZONE = MASTHEAD["time_zone"]
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [SITE / "static"] if (SITE / "static").is_dir() else []
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA / "media"
STORAGES = {
    "default": options.media_storage(MASTHEAD["media"]),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files are served from the packages themselves: nothing to collect (there is no STATIC_ROOT), so a new house
# opens in seconds. Ours carry a hash of their content in the address, Wagtail's its version.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600
# Files, and what is said to one person: the press neither keeps nor looks at it.
PRESS_PASSES = (STATIC_URL, MEDIA_URL, "/desk/", "/documents/", "/demo/")
_ZONE, _, _TOKEN = MASTHEAD["cdn"].removeprefix("cloudflare:").partition(":")
_NETWORK = (
    {"BACKEND": "wagtail.contrib.frontend_cache.backends.CloudflareBackend", "ZONEID": _ZONE, "BEARER_TOKEN": _TOKEN}
    if MASTHEAD["cdn"].startswith("cloudflare:")
    else {"BACKEND": "wagtail.contrib.frontend_cache.backends.HTTPBackend", "LOCATION": MASTHEAD["cdn"]}
)
WAGTAILFRONTENDCACHE = {"cdn": _NETWORK} if MASTHEAD["cdn"] else {}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

_MAIL_SECURITY = MASTHEAD["smtp_security"]
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = MASTHEAD["smtp_host"]
EMAIL_PORT = MASTHEAD["smtp_port"]
EMAIL_HOST_USER = MASTHEAD["smtp_user"]
EMAIL_HOST_PASSWORD = MASTHEAD["smtp_password"]
EMAIL_USE_TLS = _MAIL_SECURITY == "starttls"
EMAIL_USE_SSL = _MAIL_SECURITY == "tls"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MASTHEAD["mail_from"]

ANYMAIL = {
    "WEBHOOK_SECRET": MASTHEAD["esp_webhook_secret"],
    "POSTMARK_SERVER_TOKEN": MASTHEAD["esp_key"],
    "POSTMARK_MESSAGE_STREAM": "broadcast",
    "RESEND_API_KEY": MASTHEAD["esp_key"],
    "REQUESTS_TIMEOUT": (10, 120),  # seconds to connect, and to wait for an answer: who gives up early knows nothing
}

_HTTPS = MASTHEAD["https"]
SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_NAME = "desk"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"  # but for the desk, whose previews stand in a frame: see PolicyMiddleware
if MASTHEAD["trusted_proxies"]:  # ProxyMiddleware has taken the header off wherever nobody named there sent it
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SILENCED_SYSTEM_CHECKS = [
    "fields.W161",  # warns at half past seven that a newsletter's usual moment, half past seven, may mean "now"
]

WAGTAIL_SITE_NAME = "Masthead"
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAILADMIN_BASE_URL = MASTHEAD["base_url"]
WAGTAILIMAGES_IMAGE_MODEL = "publication.Picture"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 25 * 1024 * 1024
WAGTAILIMAGES_FORMAT_CONVERSIONS = {"avif": "avif", "webp": "webp"}
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "pdf", "pptx", "txt", "xlsx", "zip"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "masthead.archive.indexing"}}
WAGTAIL_ENABLE_UPDATE_CHECK = False  # the desk calls nobody
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILEMBEDS_FINDERS: list[dict] = []  # an embed is a link until the reader asks for it

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django_tasks": {"level": "WARNING"}, "wagtail": {"level": "WARNING"}},
}
