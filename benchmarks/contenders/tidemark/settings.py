"""Settings of the sample project: the site's own database options, and nothing but the engine."""

import os

from config.environment import BASE_DIR
from config.settings import (
    DATABASES,
    DEFAULT_AUTO_FIELD,
    LOG_FORMAT,
    PERSONAL_DATA_KEY,
    SECRET_KEY,
    TIME_ZONE,
    USE_TZ,
)

__all__ = [
    "BASE_DIR",
    "DATABASES",
    "DEFAULT_AUTO_FIELD",
    "LOG_FORMAT",
    "PERSONAL_DATA_KEY",
    "SECRET_KEY",
    "TIME_ZONE",
    "USE_TZ",
]

if os.environ.get("PLAIN_SQLITE"):
    DATABASES["default"]["OPTIONS"] = {}  # what Django does where nobody says otherwise

MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
INSTALLED_APPS = ["eventstore", "benchmarks.contenders.tidemark"]
ROOT_URLCONF = "benchmarks.contenders.tidemark.urls"
ALLOWED_HOSTS = ["127.0.0.1"]
BODY_SECONDS = 20.0
