"""Settings: from the environment, else from the file `.env`. `.env.example` explains each variable."""

import base64
import binascii
import re
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

DEBUG = env.bool("DEBUG", default=False)


# Secrets ------------------------------------------------------------------------------------------


def secret(name: str, *, size: int) -> str:
    """The secret `name`; a public stand-in in DEBUG; else raises ImproperlyConfigured."""
    stand_in = base64.b64encode(bytes(size)).decode()
    value = env.str(name, default="") or (stand_in if DEBUG else "")
    if value and (DEBUG or value != stand_in):
        return value
    make_one = f"import base64, os; print(base64.b64encode(os.urandom({size})).decode())"
    raise ImproperlyConfigured(
        f'{name} is not set. Make a value with  python -c "{make_one}"  and put it '
        f"into the environment or into .env ({name}=...). Then keep it: what it protects is lost with it."
    )


def wrapping_key(text: str) -> bytes:
    """Decodes a key of 32 bytes from base64; raises ImproperlyConfigured."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ImproperlyConfigured("PERSONAL_DATA_KEY is not base64.") from error
    if len(key) != 32:
        raise ImproperlyConfigured(f"PERSONAL_DATA_KEY must hold 32 bytes, not {len(key)}.")
    return key


def amount(name: str) -> Decimal | None:
    """The amount of the variable `name`, in major units of any currency; `None` if it is not set."""
    text = env.str(name, default="")
    if text and not re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,4})?", text):
        raise ImproperlyConfigured(f"{name} must be an amount such as 1000 or 99.50, not {text!r}.")
    return Decimal(text) if text else None


SECRET_KEY = secret("SECRET_KEY", size=48)
PERSONAL_DATA_KEY = wrapping_key(secret("PERSONAL_DATA_KEY", size=32))  # wraps the keys of persons

# Rules of the site --------------------------------------------------------------------------------

DEMO_RAILS = env.bool("DEMO_RAILS", default=False)  # whether customers may deposit and withdraw by themselves
APPROVAL_ABOVE = amount("APPROVAL_ABOVE")  # reversals and overdrafts above this amount need an approval

ID_LOOKUP = "projections.id_lookup"  # the module by which the write side finds the stream of an id from outside

# Apps and middleware ------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "demo",
    "projections",
    "accounts",
    "eventstore",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.content_security.CSPMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
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
    },
]

# Database -----------------------------------------------------------------------------------------

EMBEDDED = "sqlite:///" + quote(str(BASE_DIR / "var" / "tidemark.sqlite3"))

# One writer at a time, and it takes its turn when a transaction begins (IMMEDIATE): a transaction
# that turned into a writer half-way could only fail. FULL: what was answered survives a power cut.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA cache_size = -65536;
        PRAGMA mmap_size = 268435456;
    """,
}

database = env.db_url("DATABASE_URL", default=EMBEDDED)
database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
database["CONN_HEALTH_CHECKS"] = True
if database["ENGINE"].endswith("sqlite3"):
    database["OPTIONS"] = {**SQLITE_OPTIONS, **database.get("OPTIONS", {})}
else:
    # A statement that is asked again is planned once: planning the engine's takes as long as running them. Poolers that
    # hand out connections by transaction must keep prepared statements for that (pgbouncer does since 1.21).
    if env.bool("PREPARE", default=True):
        database["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 2, **database.get("OPTIONS", {})}
    # Such a pooler can't keep a server-side cursor.
    database["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("DISABLE_SERVER_SIDE_CURSORS", default=False)

DATABASES = {"default": database}
EVENTSTORE_NOTIFY = env.bool("EVENTSTORE_NOTIFY", default=True)  # wake idle runners; without, they look by themselves
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}

# People -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# Transport: HTTPS=0 is for http://localhost only ---------------------------------------------------

HTTPS = env.bool("HTTPS", default=not DEBUG)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)  # how many stand between us and the browser

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(live|ready|health)z$"]  # asked by machines inside, over plain HTTP
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if HTTPS else 0
# Anyone may send these headers; only a proxy of ours overwrites what the browser sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None

# What a page may load: our own files. Nothing inline, nothing foreign, no frames.
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "upgrade-insecure-requests": HTTPS,
    },
}

# Language, time, static files ---------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "var" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}

# API ----------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    # For views that say nothing else: those of the API derive from eventstore.http.endpoint, which says more.
    # The token comes first: it makes the answer to a stranger 401 (sessions alone would say 403).
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.users.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.str("THROTTLE_ANON", default="600/min"),
        "user": env.str("THROTTLE_USER", default="6000/min"),
        "sign_in": env.str("THROTTLE_SIGN_IN", default="10/min"),  # failed ones, per e-mail and address
    },
    "NUM_PROXIES": TRUSTED_PROXIES,
    "EXCEPTION_HANDLER": "eventstore.http.errors.exception_handler",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Tidemark",
    "DESCRIPTION": "Customers and their money accounts, with a provable history.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "COMPONENT_SPLIT_PATCH": False,  # all fields of a PATCH may be left out anyway
    "ENUM_NAME_OVERRIDES": {
        "ApprovalCommand": "accounts.api.approvals.COMMANDS",
        "BulkMode": "accounts.api.bulk.MODES",
        "FreezeScope": "accounts.domain.restrictions.SCOPES",
    },
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],  # it is for everybody, also for who comes with a token that has expired
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# Logging: to stderr, what needs a person's attention ----------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "django": {"handlers": [], "level": "NOTSET"},  # as everything else, by way of the root
        "django.request": {"level": "ERROR"},  # that a page was not found needs nobody's attention
    },
}
