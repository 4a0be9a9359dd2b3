"""The site's settings for a served site in tests, with quick passwords: a safe hash is slow on purpose."""

from config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
