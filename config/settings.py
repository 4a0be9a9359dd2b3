"""Settings: from the environment, else from the file `.env`. `.env.example` explains each variable."""

from typing import Literal
from urllib.parse import quote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.environment import (
    BASE_DIR,
    DEBUG,
    ENV_PATH,
    amount,
    amounts,
    contact,
    current_master_key,
    database_like,
    days,
    duration,
    env,
    erasure_list,
    how_to_make,
    interval,
    master_key,
    one_of,
    origin,
    rate,
    secret,
    signing_key,
)
from config.followers import followers
from config.private_files import PrivateConnection
from config.relays import relay_targets

ENV_FILE = str(ENV_PATH)

# Secrets ------------------------------------------------------------------------------------------

SECRET_KEY = signing_key("SECRET_KEY", secret("SECRET_KEY", size=48), remedy=how_to_make("SECRET_KEY", 48))
# Older ones: what they have signed, such as sessions and links in mails, goes on being believed.
SECRET_KEY_FALLBACKS = [
    signing_key("SECRET_KEYS_OLD", key, remedy="Take that key out: whom it has signed in must sign in again.")
    for key in env.list("SECRET_KEYS_OLD", default=[])
]
# The master key, which the keys of persons depend on, and older ones that only decrypt, until `rotate_keys` has run. A
# file, or a provider of one's own (a KMS), takes their place: docs/security.md.
PERSONAL_DATA_KEY_FILE = env.str("PERSONAL_DATA_KEY_FILE", default="")
PERSONAL_DATA_KEY_PROVIDER = env.str(
    "PERSONAL_DATA_KEY_PROVIDER", default=f"eventstore.keys.in_{'file' if PERSONAL_DATA_KEY_FILE else 'settings'}"
)
PERSONAL_DATA_KEY = current_master_key() if PERSONAL_DATA_KEY_PROVIDER == "eventstore.keys.in_settings" else None
PERSONAL_DATA_KEYS_OLD = [
    *(master_key("PERSONAL_DATA_KEYS_OLD", text) for text in env.list("PERSONAL_DATA_KEYS_OLD", default=[])),
    *([bytes(32)] if DEBUG else []),  # the public stand-in of earlier versions
]

# Where erasures are kept besides the database, so that no restore brings anybody back: a file or a URL.
ERASURE_LIST = erasure_list("ERASURE_LIST")

# Rules of the site --------------------------------------------------------------------------------

DEMO_RAILS = env.bool("DEMO_RAILS", default=False)  # whether customers may deposit and withdraw by themselves
APPROVAL_ABOVE = amount("APPROVAL_ABOVE")  # reversals and overdrafts above this amount need an approval
APPROVAL_ABOVE_IN = amounts(
    "APPROVAL_ABOVE_IN"
)  # other amounts, for currencies whose units are worth much less or more

ID_LOOKUP = "projections.id_lookup"  # the module by which the write side finds the stream of an id from outside

# Apps and middleware ------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "demo",
    "projections",
    "accounts",
    "eventstore",
    "config.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_otp_webauthn",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "config.security_log.SecurityLogMiddleware",
    "eventstore.http.trouble.TroubleMiddleware",
    "config.response_headers.ResponseHeadersMiddleware",  # before whatever answers: files, redirects, errors
    "config.content_security.CSPMiddleware",  # likewise
    "eventstore.http.guard.RequestGuard",
    "config.plain_http.PlainHttpMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "eventstore.telemetry.middleware.ObservedRequests",  # what is served from files needs no trace
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.users.session_times.SessionTimes",  # it may leave a message
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.users.known_sources.KnownDeviceMiddleware",
    "accounts.users.page_limits.PageLimitsMiddleware",
    "config.method_not_allowed.MethodNotAllowedMiddleware",  # the last, so that all others see its page
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
# that turned into a writer half-way could only fail. FULL: what was answered survives a power cut. secure_delete: what
# was erased is overwritten in the file.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA secure_delete = ON;
        PRAGMA cache_size = -65536;
        PRAGMA mmap_size = 268435456;
    """,
}

database = env.db_url("DATABASE_URL", default=EMBEDDED)
database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
database["CONN_HEALTH_CHECKS"] = True
if database["ENGINE"].endswith("sqlite3"):
    database["OPTIONS"] = {**SQLITE_OPTIONS, "factory": PrivateConnection, **database.get("OPTIONS", {})}
    # Litestream loses pages if anybody but itself checkpoints the write-ahead log (docs/decisions/0047).
    if not env.bool("SQLITE_CHECKPOINTS", default=True):
        database["OPTIONS"]["init_command"] += "PRAGMA wal_autocheckpoint = 0;"
else:
    # A statement that is asked again is planned once: planning the engine's takes as long as running them. Poolers that
    # hand out connections by transaction must keep prepared statements for that (pgbouncer does since 1.21).
    if env.bool("PREPARE", default=True):
        database["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 2, **database.get("OPTIONS", {})}
    # Such a pooler can't keep a server-side cursor.
    database["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("DISABLE_SERVER_SIDE_CURSORS", default=False)

# Standbys, and a read database, answer what only reads once they have come far enough; nothing is decided there.
read_from, EVENTSTORE_REPLICAS, EVENTSTORE_READ_DATABASE = followers(database)
# Whether this database has the indexes by which people look through events and commands: manage.py browsing_indexes
EVENTSTORE_BROWSING_INDEXES = env.bool("EVENTSTORE_BROWSING_INDEXES", default=True)
EVENTSTORE_FOLLOWED_MODELS = ["projections.Statement"]  # no read model, but what is shown with some

DATABASES = {"default": database, **read_from}
DATABASE_ROUTERS = ["eventstore.readers.Router"] if read_from else []
# What this node last saw of the log: by it a start notices that the database was restored with other tools. Each node
# has a file of its own, on a disk of its own, which is restored with no backup of the database.
LOG_STATE_FILE = env.str(
    "LOG_STATE_FILE", default="" if ":memory:" in str(database["NAME"]) else str(BASE_DIR / "var" / "log-state.json")
)
EVENTSTORE_LOCK_TIMEOUT = env.float("LOCK_TIMEOUT", default=5.0)  # seconds that a request waits for locks: then 503
EVENTSTORE_PROGRAM_LOCK_TIMEOUT = env.float("PROGRAM_LOCK_TIMEOUT", default=30.0)  # and a command of manage.py
EVENTSTORE_NOTIFY = env.bool("EVENTSTORE_NOTIFY", default=True)  # wake idle runners; without, they look by themselves
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}
if CACHES["default"]["BACKEND"].rpartition(".")[2] in {"LocMemCache", "DatabaseCache", "FileBasedCache"}:
    # These keep 300 entries unless told otherwise: then 300 callers would push out the counts of all others.
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 50_000, **CACHES["default"].get("OPTIONS", {})}

# Archives -----------------------------------------------------------------------------------------

# What is not derived from events, and belongs into an archive: sign-ins with their second factors, what staff did in
# the admin, issued statements (those up to the position that is restored). Sessions, tokens, mails and counts of
# attempts do not: whoever had access signs in again.
ARCHIVE_TABLES = {
    "accounts.User": None,
    "otp_totp.TOTPDevice": None,
    "otp_static.StaticDevice": None,
    "otp_static.StaticToken": None,
    "django_otp_webauthn.WebAuthnCredential": None,
    "admin.LogEntry": None,
    "projections.Statement": "last_position",
}

# Analysis: the archive that `manage.py analyse` reads, in a folder or in S3; without, it reads the database alone.
ANALYSIS_ARCHIVE = env.str("ANALYSIS_ARCHIVE", default="")

# Restore drills: what `manage.py restore_drill` does besides, and where ----------------------------

RESTORE_DRILL_COMMANDS = ["check_ledger"]  # the product's own checks; the engine's are always done
RESTORE_DRILL_EVERY = interval("RESTORE_DRILL_EVERY")  # `serve` drills that often; without, whoever types it does
RESTORE_DRILL_ARCHIVE = env.str("RESTORE_DRILL_ARCHIVE", default="")  # one that is there, instead of a new one
RESTORE_DRILL_FOLDER = env.str("RESTORE_DRILL_FOLDER", default="")  # for the scratch database and the new archive
RESTORE_DRILL_DATABASE = database_like(
    "RESTORE_DRILL_DATABASE_URL", database
)  # an empty database, instead of one that is made

# People -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.users.backends.EmailBackend"]
# Long enough, not among the 20,000 most frequent ones of what was leaked, not the e-mail, not the words of this site;
# of any characters, for as long as nobody else knows it.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "accounts.users.password_words.SiteWordsValidator",
        "OPTIONS": {"more_words": env.list("PASSWORD_WORDS", default=[])},
    },
]
# How many attempts are counted in which time, over all processes, before more are refused: accounts/users/attempts.py.
ATTEMPT_RATES = {
    "sign_in": rate("THROTTLE_SIGN_IN", "10/min"),  # wrong ones for one e-mail from one source
    "sign_in_address": rate("THROTTLE_SIGN_IN_ADDRESS", "300/hour"),  # from one address, for any e-mail
    "sign_in_account": rate("THROTTLE_SIGN_IN_ACCOUNT", "100/hour"),  # for one e-mail, from anywhere
    "sign_up": rate("THROTTLE_SIGN_UP", "1000/hour"),  # registrations from one address, dry runs too
    "email_taken": rate("THROTTLE_EMAIL_TAKEN", "30/hour"),  # answers EMAIL_TAKEN to one address or user
    "password_reset": rate("THROTTLE_PASSWORD_RESET", "20/hour"),  # asked for from one address
    "password_reset_mail": rate("THROTTLE_PASSWORD_RESET_MAIL", "3/hour"),  # asked for with one e-mail
    "second_factor": rate("THROTTLE_SECOND_FACTOR", "10/hour"),  # wrong codes for one user
    "email_change": rate("THROTTLE_EMAIL_CHANGE", "10/hour"),  # new e-mails that one customer asks for
    "email_link": rate("THROTTLE_EMAIL_LINK", "5/hour"),  # mails of one kind to one e-mail; see password_reset_mail
    "email_claim": rate("THROTTLE_EMAIL_CLAIM", "20/hour"),  # e-mails taken back from one address
}
PASSWORD_RESET_TIMEOUT = 3_600  # seconds for which a link is good; the window in which its mails are counted
# Whether members of staff need a second factor besides the password; whoever has none sets it up before anything else.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=not DEBUG)
FRESH_SIGN_IN = duration("FRESH_SIGN_IN_MINUTES", 30, "minutes")  # after which what is grave takes the password again
# How long a session lasts, and how long it may be unused.
STAFF_SESSION = (duration("STAFF_SESSION_HOURS", 8, "hours"), duration("STAFF_IDLE_MINUTES", 60, "minutes"))
CUSTOMER_SESSION = (duration("CUSTOMER_SESSION_HOURS", 24, "hours"), duration("CUSTOMER_IDLE_MINUTES", 120, "minutes"))
SESSION_COOKIE_AGE = int(max(STAFF_SESSION[0], CUSTOMER_SESSION[0]).total_seconds())
OTP_TOTP_ISSUER = OTP_WEBAUTHN_RP_NAME = "Tidemark"  # the name of the site in apps and browsers
# A passkey belongs to the host that the browser asked: one that ALLOWED_HOSTS lets in (accounts/users/passkeys.py).
OTP_WEBAUTHN_RP_ID_CALLABLE = "accounts.users.passkeys.relying_party"
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False
TOKEN_DAYS = days("TOKEN_DAYS", default=30)  # until a token of the API expires
SESSION_ENGINE = "accounts.users.sessions"
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# Transport: HTTPS=0 is for http://localhost only ---------------------------------------------------

HTTPS = env.bool("HTTPS", default=not DEBUG)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)  # how many stand between us and the browser

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_FAILURE_VIEW = "config.bad_request.csrf_failure"
DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else "device"  # of a browser in which somebody has signed in before
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^(live|ready|health)z$"]  # asked by machines inside, over plain HTTP
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
# Anyone may send these headers; only a proxy of ours overwrites what the browser sent.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None

# Whom to tell about a weakness: an address such as mailto:security@bank.example, at /.well-known/security.txt.
SECURITY_CONTACT = contact("SECURITY_CONTACT")

# Browsers keep a cookie with this prefix only if it came over HTTPS, for this host alone (no domain) and all paths, so
# no neighbour of ours, such as another subdomain, can plant one. No script reads a cookie: pages carry the CSRF token.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}django_language"
MESSAGE_COOKIE_NAME = f"{COOKIE_PREFIX}messages"
MESSAGE_STORAGE = "config.messages.Storage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
# Lax: a link from a mail or another site finds its reader signed in, a form from there does not.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SAMESITE: Literal["Lax"] = "Lax"

# System checks that are left out, each for its reason.
SILENCED_SYSTEM_CHECKS = [
    "otp_webauthn.E030",  # asks for a list of the hosts that passkeys belong to; ours is the one that was asked
    # HSTS_PRELOAD: a list that is built into browsers, for the owner of a domain to enter and very slow to leave.
    "security.W021",
    *env.list("SILENCED_SYSTEM_CHECKS", default=[]),
]

# Mail: links in it lead to SITE_URL, never to what a request calls its host ------------------------

SITE_URL = origin("SITE_URL", default="" if HTTPS else "http://localhost:8000", https=HTTPS)
mail = env.email_url_config(env.str("EMAIL_URL", default="") or "consolemail://")
if mail["EMAIL_BACKEND"].startswith("django.core.mail.backends.console."):
    mail["EMAIL_BACKEND"] = "config.console_mail.ConsoleMail"  # Django's own prints some languages encoded
elif mail["EMAIL_BACKEND"].endswith(".smtp.EmailBackend"):
    mail["EMAIL_BACKEND"] = "config.smtp.EmailBackend"  # it knows mailboxes whose names are not ASCII
vars().update(mail)  # EMAIL_BACKEND, EMAIL_HOST and their kin
EMAIL_TIMEOUT = 10.0  # seconds for each answer of the mail server
DEFAULT_FROM_EMAIL = (
    env.str("MAIL_FROM", default="") or f"Tidemark <no-reply@{urlsplit(SITE_URL).hostname or 'localhost'}>"
)
# Without these no mail is sent with HTTPS: a link would lead nowhere, and a console is a log, which keeps no secrets.
MAIL_LACKS = [name for name in ("SITE_URL", "EMAIL_URL") if HTTPS and not env.str(name, default="")]

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

# Work that a stranger can cause ---------------------------------------------------------------------

SITE_THREADS = env.int("SITE_THREADS", default=4)  # requests that a process serves at a time; `serve --threads` sets it
EVENTSTORE_MAX_WAITING = max(1, SITE_THREADS // 2)  # of those that may wait for a read model
EVENTSTORE_MAX_LISTENERS = env.int("MAX_LISTENERS", default=1_000)  # for events, in a process: each has a connection
BODY_SECONDS = env.float("BODY_SECONDS", default=20.0)  # for the whole body of a request to arrive

# Seals: signed heads of the trees over events and commands -------------------------------------------

SEAL_NAME = env.str("SEAL_NAME", default="") or urlsplit(SITE_URL).hostname or "localhost"  # who signs
SEAL_KEY = env.str("SEAL_KEY", default="")
# A site for this machine alone makes its key, and a file of heads, by itself; a site that others reach is given them.
SEAL_KEY_FILE = env.str("SEAL_KEY_FILE", default="" if HTTPS or SEAL_KEY else str(BASE_DIR / "var" / "seal.key"))
SEAL_KEY_ON_FIRST_USE = not HTTPS
SEAL_FILE = env.str("SEAL_FILE", default="" if HTTPS else str(BASE_DIR / "var" / "heads.txt"))
SEAL_WITNESS_URL = env.str("SEAL_WITNESS_URL", default="")
SEAL_WITNESS_KEY = env.str("SEAL_WITNESS_KEY", default="")
SEAL_TIMESTAMP_URL = env.str("SEAL_TIMESTAMP_URL", default="")

# Live events: where the page in the admin finds them -----------------------------------------------------

EVENTSTORE_LIVE_URL = "/api/v1/events/stream"

# Delivery of events to other systems: `manage.py relay` (docs/relay.md) ----------------------------------

RELAY_TARGETS = relay_targets()

# Verification: whether `serve` goes round, computing all that the log says again ------------------------

ACCEPTED_EPOCHS = env.list("ACCEPTED_EPOCHS", cast=int, default=[])  # whose loss of sealed rows is known to you
VERIFY_WATCH = env.bool("VERIFY_WATCH", default=False)
VERIFY_RATE = env.int("VERIFY_RATE", default=2_000)  # events and commands a second, at most
VERIFY_EVERY = env.float("VERIFY_EVERY", default=3_600.0)  # seconds between two rounds

# Observability: traces by OpenTelemetry, metrics for Prometheus (docs/observability.md) ---------------------

EVENTSTORE_TRACING = env.bool("TRACING", default=False)  # where spans go is said by OpenTelemetry's own OTEL_…
EVENTSTORE_TRACE_SLOW = env.float("TRACE_SLOW", default=1.0)  # milliseconds, from which on a statement has a span
EVENTSTORE_TRACE_CALLERS = env.bool("TRACE_CALLERS", default=True)  # whether a `traceparent` from outside is joined
METRICS_LISTEN = env.str("METRICS_LISTEN", default="")  # where `manage.py metrics` answers; without, nothing is counted
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # what a scraper proves itself with
METRICS_FOLDER = env.str("METRICS_FOLDER", default=str(BASE_DIR / "var" / "metrics"))  # where processes count
METRICS_BACKUP_FILE = env.str("METRICS_BACKUP_FILE", default="")  # which each backup writes

# Language, time, static files ---------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "var" / "static"
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site needs them
WHITENOISE_MIMETYPES = {".svg": "image/svg+xml; charset=utf-8"}  # text in other clothes: its encoding is said as well
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
        "eventstore.http.throttles.AnonymousThrottle",
        "eventstore.http.throttles.UserThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": rate("THROTTLE_ANON", "600/min") or None,
        "user": rate("THROTTLE_USER", "6000/min") or None,
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

# Logging: to stderr, what needs a person's attention, and the security log -------------------------

LOG_FORMAT = one_of("LOG_FORMAT", ("text", "json"))
LOG_LEVEL = one_of("LOG_LEVEL", ("WARNING", "DEBUG", "INFO", "ERROR", "CRITICAL"))
SECURITY_LOG_ADDRESSES = env.bool("SECURITY_LOG_ADDRESSES", default=False)  # in clear, instead of pseudonyms

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "config.logs.formatter", "kind": LOG_FORMAT}},
    "filters": {"one_line": {"()": "eventstore.service.OneLine"}},  # for faults of the machine, whoever meets them
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["one_line"]}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": "NOTSET"},  # as everything else, by way of the root
        "django.request": {"level": "ERROR"},  # that a page was not found needs nobody's attention
        "django.template": {"level": "INFO"},  # below, these two tell what pages show and queries ask for
        "django.db.backends": {"level": "INFO"},
        "django.security.csrf": {"level": "ERROR"},  # the security log has it, without what was sent
        "tidemark.security": {"level": "INFO"},  # whatever LOG_LEVEL is
    },
}
