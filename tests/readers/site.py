"""A node of the site, which does what it reads, one line of JSON a task: `python -m tests.readers.site`."""

import json
import logging
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest.mock import patch
from uuid import uuid4

import django

django.setup()

from django.conf import settings  # noqa: E402 - needs the apps
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.users.models import User  # noqa: E402
from eventstore import feed, projecting, readers  # noqa: E402
from eventstore.checks.doctor.followers import followers  # noqa: E402
from eventstore.http.throttles import FixedWindowThrottle  # noqa: E402
from eventstore.readers.reach import has_reached  # noqa: E402
from tests.authorization.bodies import address_at  # noqa: E402
from tests.authorization.rules import rules  # noqa: E402
from tests.authorization.world import make_world  # noqa: E402
from tests.deploy.recovery.site import manage  # noqa: E402
from tests.tokens import token_of  # noqa: E402

READ: Final = ("projections_", "eventstore_event", "eventstore_stream", "eventstore_treehead")
clients: Final[dict[str, Client]] = {}
tokens: Final[dict[str, str]] = {}


def install() -> dict[str, Any]:
    """The tables, and the world of the authorization tests: its ids, the e-mails of its people, and all routes.

    To each belong an address, and the status that a GET by each kind of caller has to get there.
    """
    call_command("migrate", verbosity=0)
    world = make_world()
    return {
        "ids": dict(world.ids),
        "people": {name: user.email for name, user in world.people.items()},
        "routes": {route: [address_at(route, world), rows["GET"]] for route, rows in rules().items()},
        "tokens": {user.email: _token(user.email) for user in world.people.values()},
    }


def ask(who: str, address: str, body: Any = None) -> dict[str, Any]:
    """The answer to a request, and how many queries each database got; with a body it is a POST.

    Who asks is an e-mail, or nobody: of the API by a token, else by a session.
    """
    with _counting() as queries:
        response = _send(who, address, body)
        content = b"".join(response) if response.streaming else response.content
    text = content.decode(errors="replace")
    said = {"status": response.status_code, "queries": dict(queries), "place": response.headers.get("Location", "")}
    return {**said, "body": json.loads(text) if response.headers.get("Content-Type") == "application/json" else text}


def _send(who: str, address: str, body: Any) -> Any:
    headers = {"Idempotency-Key": str(uuid4())}
    client = clients.setdefault(who, Client(raise_request_exception=False))
    if address.startswith("/api/") and who:
        headers["Authorization"] = f"Token {_token(who)}"
    elif who and not client.cookies:
        client.force_login(User.objects.get(email=who))
    if body is None:
        return client.get(address, headers=headers)
    kind: dict[str, Any] = {"content_type": "application/json"} if address.startswith("/api/") else {}
    return client.post(address, body, headers=headers, **kind)


def look(who: str, address: str) -> int:
    """The status of an answer that nothing observes."""
    return int(_send(who, address, None).status_code)


def knows(given: dict[str, str]) -> None:
    """The tokens of people, by their e-mails, which were made elsewhere."""
    tokens.update(given)


def _token(who: str) -> str:
    if who not in tokens:
        tokens[who] = token_of(User.objects.get(email=who))
    return tokens[who]


@contextmanager
def _counting() -> Iterator[Counter[str]]:
    """How many queries to the log and to read models each database is asked within the block."""
    found = Counter[str]()

    def count(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if any(table in sql for table in READ):
            found[context["connection"].alias] += 1
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(count))
        yield found


def reached(alias: str) -> int:
    """How far a database has come."""
    return readers.reached(alias)


def advance() -> list[int]:
    """The mark, raised as far as it goes."""
    mark = feed.advance()
    return [mark.position, mark.number]


def waits_for(position: int, projection: str) -> bool:
    """Whether a projection has read up to a position by now."""
    return projecting.wait_for(position, projection, timeout=0)


def ask_anyone() -> None:
    """From now on any standby answers, however far it has come: what a router does that knows no marks."""
    patch("eventstore.readers.snapshot.has_reached", lambda *_: True).start()


def grow_silent(*processes: int) -> None:
    """Stop these processes once a standby is asked for a read model, so after it has said how far it is; just once."""

    def stop(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if "projections_" in sql:
            asked.close()
            for process in processes:
                os.kill(process, signal.SIGSTOP)
        return execute(sql, params, many, context)

    asked = ExitStack()
    asked.enter_context(connections["replica_1"].execute_wrapper(stop))
    patch("eventstore.readers.snapshot.NEXT_SECONDS", 0.5).start()


def isolation_of_questions(who: str, address: str) -> list[str]:
    """In which kind of transaction a standby is asked how far it is, within a request."""
    found = []

    def ask(alias: str, *arguments: Any) -> bool:
        with connections[alias].cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            found.append(str(cursor.fetchone()[0]))
        return has_reached(alias, *arguments)

    with patch("eventstore.readers.snapshot.has_reached", ask):
        look(who, address)
    return found


def examine_followers() -> str:
    """What the doctor says of standbys."""
    return " ".join(finding.says for finding in followers())


ALL: Final[list[Callable[..., Any]]] = [
    *(install, ask, look, knows, reached, advance, waits_for, ask_anyone, manage),
    *(grow_silent, isolation_of_questions, examine_followers),
]
TASKS: Final = {each.__name__: each for each in ALL}


def main() -> None:
    FixedWindowThrottle.THROTTLE_RATES = dict.fromkeys(("anon", "user"), "1000000/min")
    settings.ATTEMPT_RATES, settings.ALLOWED_HOSTS = {}, ["*"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logging.disable(logging.WARNING)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(TASKS[name](*arguments)), flush=True)  # noqa: T201 - what it answers


if __name__ == "__main__":
    main()
