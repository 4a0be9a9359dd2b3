"""A database on another machine is spoken to by TLS, and shows who it is."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.config.test_settings import GOOD, NEEDED_BY_PYTHON


def findings(url: str) -> str:
    """What `check --deploy` says of a site with this DATABASE_URL."""
    kept = {name: os.environ[name] for name in NEEDED_BY_PYTHON if name in os.environ}
    command = [sys.executable, "manage.py", "check", "--deploy", "--tag", "security"]
    environment = {**kept, **GOOD, "ENV_FILE": os.devnull, "DATABASE_URL": url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=settings.BASE_DIR)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr


@pytest.mark.parametrize(
    "url",
    [
        "postgres://site:x@db.bank.example/tidemark",
        "postgres://site:x@db.bank.example/tidemark?sslmode=require",
        "postgres://site:x@10.0.0.7:5432/tidemark?sslmode=prefer",
    ],
)
def test_a_database_elsewhere_without_verified_tls_is_found(url: str) -> None:
    found = findings(url)
    assert "(config.W001)" in found
    assert "sslmode=verify-full" in found


@pytest.mark.parametrize(
    "url",
    [
        "postgres://site:x@db.bank.example/tidemark?sslmode=verify-full&sslrootcert=/etc/ca.pem",
        "postgres://site:x@localhost/tidemark",
        "postgres://site@/tidemark?host=/run/postgresql",
        "sqlite:////tmp/tidemark.sqlite3",
    ],
)
def test_any_other_is_well(url: str) -> None:
    assert "config.W001" not in findings(url)
