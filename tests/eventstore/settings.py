"""Django with nothing but the engine: its own tests run so too, `pytest --ds=tests.eventstore.settings`."""

import environ

SECRET_KEY = "of the tests"
PERSONAL_DATA_KEY = bytes.fromhex("6f1d3c5b8a90e7f24c11d98b02a7743ef5c6e8b1904d2f7aa3b8c5d60e1f9274")
SEAL_KEY = "lJ3hHc6bVqQ0sY1n5m0t2r8uWkz4xCeDfA7gB9iKjLM="
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]

INSTALLED_APPS = [
    "eventstore",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
STATIC_URL = "static/"

database = environ.Env().db_url("DATABASE_URL", default="sqlite://:memory:")
if database["ENGINE"].endswith("sqlite3"):
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
    }
else:
    database["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 2, **database.get("OPTIONS", {})}
DATABASES = {"default": database}
