"""The site serves its pages and its static files: no source, no settings, no listing, no page of a debugger."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.users.models import User
from tests.config.test_settings import GOOD, read_settings

HIDDEN = [
    "/.git/config",
    "/.git/HEAD",
    "/.env",
    "/manage.py",
    "/var/tidemark.sqlite3",
    "/config/settings.py",
    "/static/",
    "/static/css/",
    "/static/../.env",
    "/static/%2e%2e/.env",
    "/static/..%2f.env",
    "/static//etc/passwd",
    "/admin/doc/",
    "/__debug__/",
    "/server-status",
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", HIDDEN)
def test_it_is_not_there(settings: Settings, path: str) -> None:
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    answer = Client().get(path)
    assert answer.status_code in {302, 404}
    assert answer.status_code == 404 or answer["Location"].startswith("/admin/login/")


def test_debug_is_off_unless_asked_for() -> None:
    found = read_settings("settings.DEBUG, settings.TEMPLATES[0]['OPTIONS'].get('debug')", **GOOD)
    assert found.stdout.strip() == "False None"


@pytest.mark.django_db
def test_nobody_is_there_before_anybody_was_made() -> None:
    assert not User.objects.exists()
