"""Pages of the admin, as a member of staff sees them, and the queries that they cost."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

ADMIN = "/admin/"
TAG = re.compile(r"<[^>]+>")


def read(client: Client, path: str, **query: Any) -> str:
    """The text of a page, without its tags and with single spaces."""
    page = client.get(ADMIN + path, query)
    assert page.status_code == 200, (page.status_code, page.headers)
    return " ".join(html.unescape(TAG.sub(" ", page.content.decode())).split())


def links_of(client: Client, path: str, **query: Any) -> set[str]:
    """Where a page leads."""
    return set(re.findall(r'href="([^"]+)"', html.unescape(client.get(ADMIN + path, query).content.decode())))


def keys_on(client: Client, path: str, **query: Any) -> list[Any]:
    """The primary keys of the rows of a list."""
    return [row.pk for row in client.get(ADMIN + path, query).context["cl"].result_list]


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements of a block, without those of signing in."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as queries:
        yield found
    signing_in = ("accounts_session", "accounts_user", "auth_permission", "SAVEPOINT")
    found += [query["sql"] for query in queries if not any(word in query["sql"] for word in signing_in)]
