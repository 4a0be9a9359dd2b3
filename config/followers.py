"""Settings of databases that follow the site's own: standbys, and a read database."""

from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

from config.environment import env

# A follower that is away is to be noticed soon: the primary answers instead.
CONNECT_SECONDS: Final = 2  # libpq takes no less
LOST_MILLISECONDS: Final = 3_000  # that what was sent may stay unacknowledged


def followers(own: dict[str, Any]) -> tuple[dict[str, dict[str, Any]], list[str], str | None]:
    """The databases of REPLICA_URLS and READ_DATABASE_URL by alias, the standbys' aliases, and the read database's."""
    urls = [url for url in env.list("REPLICA_URLS", default=[]) if url]
    standbys = {f"replica_{number}": _follower(url, "REPLICA_URLS", own) for number, url in enumerate(urls, start=1)}
    url = env.str("READ_DATABASE_URL", default="")
    read = {"read": _follower(url, "READ_DATABASE_URL", own)} if url else {}
    return {**standbys, **read}, list(standbys), next(iter(read), None)


def _follower(url: str, name: str, own: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = env.db_url_config(url)
    if not (given["ENGINE"] == own["ENGINE"] and given["ENGINE"].endswith("postgresql")):
        raise ImproperlyConfigured(f"{name} has the URL of no PostgreSQL database, or DATABASE_URL has none.")
    options = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": LOST_MILLISECONDS, **given.get("OPTIONS", {})}
    return {
        **own,
        **given,
        "CONN_HEALTH_CHECKS": False,  # each question begins with one, which waits less long
        "OPTIONS": {**_shared(own.get("OPTIONS", {})), **options},
        "TEST": {"MIRROR": "default"},
    }


def _shared(options: dict[str, Any]) -> dict[str, Any]:
    """What holds for statements, and not for the way to the server."""
    return {name: value for name, value in options.items() if name in {"server_side_binding", "prepare_threshold"}}
