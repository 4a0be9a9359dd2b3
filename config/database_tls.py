"""A system check of `check --deploy`: who listens on the way to a database elsewhere must learn nothing."""

import os
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.core import checks

HERE: Final = ("", "localhost", "127.0.0.1", "::1")  # besides the paths of sockets


@checks.register(checks.Tags.security, deploy=True)
def check_database_tls(**_options: Any) -> list[checks.CheckMessage]:
    """Warns of each PostgreSQL on another machine whose certificate is not verified."""
    return [
        checks.Warning(
            f"The database {alias!r} is reached over a network without TLS that verifies its certificate.",
            hint="Add ?sslmode=verify-full&sslrootcert=/path/of/the/authority.pem to DATABASE_URL.",
            id="config.W001",
        )
        for alias, database in settings.DATABASES.items()
        if database["ENGINE"].endswith("postgresql") and not _is_here(database) and not _is_verified(database)
    ]


def _is_here(database: Mapping[str, Any]) -> bool:
    host = str(database.get("HOST") or database.get("OPTIONS", {}).get("host") or os.environ.get("PGHOST", ""))
    return host in HERE or host.startswith("/")


def _is_verified(database: Mapping[str, Any]) -> bool:
    return (database.get("OPTIONS", {}).get("sslmode") or os.environ.get("PGSSLMODE")) == "verify-full"
