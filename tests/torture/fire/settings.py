"""The site's settings, for programs that are killed: the product's own, and what a planted fault sets in SQLite."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASES

DEBUG = False  # with it, Django keeps the last 9,000 queries, and those of large batches are long
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a safe one is slow on purpose

if os.environ.get("TORTURE_PRAGMAS"):
    DATABASES["default"]["OPTIONS"]["init_command"] += os.environ["TORTURE_PRAGMAS"]
