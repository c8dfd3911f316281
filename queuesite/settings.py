"""Django's settings. What an operator may choose comes from the environment (see environment.py), to which a file may
add (settings_file.py); the rest is fixed."""

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import fontpkg_atkinson_hyperlegible
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from queuesite import settings_file
from queuesite.database import database
from queuesite.environment import Environment, SettingRefused
from queuesite.fingerprint import fingerprint

BASE_DIR = Path(__file__).resolve().parent.parent
given, added = dict(os.environ), None
try:
    added = settings_file.load(os.environ, var=Path(given.get("VAR_DIR") or BASE_DIR / "var"))
    VAR_DIR = Path(os.environ.get("VAR_DIR") or BASE_DIR / "var")
    ENVIRONMENT = Environment.read(os.environ, var=VAR_DIR)
except SettingRefused as refused:
    where = settings_file.where_to_write(refused.name, given=given, read=added)
    sys.exit(f"queuesite does not start. {refused} {where}")
except ImproperlyConfigured as error:
    sys.exit(f"queuesite does not start. {error}")

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
PUBLIC_URL = ENVIRONMENT.public_url
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
HTTPS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "modeltranslation",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_htmx",
    "template_partials",
    "accounts",
    "live",
    "queues",
    "simulation",
    "kiosk",
    "display",
    "staffdesk",
    "visitor",
    "demo",
    "replay",
    "queuesite",
]
# Those of them that stand in this source tree: they make up a build, are translated, and write to the log.
ROOMS = tuple(app for app in INSTALLED_APPS if (BASE_DIR / app).is_dir())
# A screen that shows pages of another build loads itself anew.
BUILD = fingerprint(BASE_DIR, ROOMS)

MIDDLEWARE = [
    "queuesite.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "queuesite.late_files.LateFilesMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "queuesite.middleware.PrivacyHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "queuesite.middleware.ProbesMiddleware",
    "queuesite.middleware.OneCursorMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "queuesite.middleware.IdleTimeoutMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "queuesite.middleware.NoNulMiddleware",
    "queuesite.middleware.WayBackMiddleware",
    "queuesite.middleware.NotFoundPageMiddleware",
    "queuesite.middleware.BusyPageMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "queuesite.urls"
ASGI_APPLICATION = "queuesite.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]


DATABASES = {"default": database(ENVIRONMENT.database_url, var=VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CHANNEL_LAYERS: dict[str, dict[str, Any]]
if ENVIRONMENT.redis_url:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "live.redis_layer.RedisLayer",
            "CONFIG": {
                "prefix": "queuesite",
                "hosts": [{"address": ENVIRONMENT.redis_url, "max_connections": 1000, "health_check_interval": 15}],
            },
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

PASSWORD_HASHERS = ["accounts.hashing.OneAtATime"]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "desks"
LOGOUT_REDIRECT_URL = "landing"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "fi"
LANGUAGES = [("fi", "Suomi"), ("sv", "Svenska"), ("en", "English")]
MODELTRANSLATION_FALLBACK_LANGUAGES = ("fi", "sv", "en")
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "queuesite.formats"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("fonts", str(Path(fontpkg_atkinson_hyperlegible.__file__).parent / "files")),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# Nothing from another host, nothing inline, nobody may frame us.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
# What a page of ours may ask of the machine it is shown on.
PERMISSIONS_POLICY: dict[str, str | list[str]] = {
    "autoplay": "self",
    "fullscreen": "self",
    "screen-wake-lock": "self",
    "accelerometer": [],
    "camera": [],
    "display-capture": [],
    "encrypted-media": [],
    "geolocation": [],
    "gyroscope": [],
    "hid": [],
    "magnetometer": [],
    "microphone": [],
    "midi": [],
    "payment": [],
    "publickey-credentials-get": [],
    "serial": [],
    "usb": [],
}
X_FRAME_OPTIONS = "DENY"
# Never a path, because a visitor's path is their key. Not "no-referrer": under that a browser sends a plain form with
# "Origin: null", and such a form is rightly taken for another site's.
SECURE_REFERRER_POLICY = "strict-origin"
SECURE_SSL_REDIRECT = HTTPS
# Health checks come from inside, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SESSION_ENGINE = "accounts.sessions"
# Of this host alone, not of its siblings, and never over plain HTTP. No script of ours reads one.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}django_language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = ENVIRONMENT.idle_minutes * 60
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "queuesite.views.csrf_failure"

# axes throttles sign-in; the limits are beside the handler.
AXES_HANDLER = "accounts.throttle.Throttle"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address", "username"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_CALLABLE = "staffdesk.signing_in.locked_out"
AXES_RESET_ON_SUCCESS = True
# A stranger who goes on trying must not keep a clerk out for longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Our proxies' headers are taken over already (see asgi_middleware.py).
AXES_CLIENT_IP_CALLABLE = "accounts.throttle.address_of"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

OTP_TOTP_ISSUER = "Queuesite"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
SECOND_FACTOR_REQUIRED = ENVIRONMENT.second_factor_required
SINGLE_SIGN_ON = ENVIRONMENT.oidc

# No page of ours sends more than a set-up form.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 0
TICKETS_A_MINUTE = {"kiosk": ENVIRONMENT.kiosk_tickets, "address": ENVIRONMENT.address_tickets}

# Every request has a line of ours: Django need not log the refused ones again.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "queuesite.logs.JsonLines"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain" if DEBUG else "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},
        **({} if DEBUG else {room: {"level": "INFO"} for room in ROOMS}),
    },
}
