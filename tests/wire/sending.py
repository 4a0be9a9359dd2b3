"""Requests as they may arrive: bodies that are cut, lengths that are wrong, at every address that takes a body."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.services.staff import SUPERUSER
from accounts.users.models import User
from accounts.users.tokens import ApiToken
from eventstore.models import Command, Event, Parked
from tests.authorization.bodies import address_at, body_at
from tests.authorization.callers import API
from tests.authorization.rules import rules
from tests.authorization.world import World
from tests.tokens import token_of

URLENCODED: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
ACTORS: Final = ("owner", "operator", "approver", SUPERUSER)  # of whom one may act at each address


@dataclass(frozen=True)
class Sending:
    """A valid request with a body."""

    who: str
    method: str
    address: str
    body: bytes
    content_type: str

    def sent(self, world: World, body: bytes | None = None, **environ: Any) -> Any:
        """The answer, if this much of the body arrives, or the environment of the request differs."""
        environ = {"CONTENT_LENGTH": str(len(self.body)), "CONTENT_TYPE": self.content_type, **environ}
        arrived = BytesIO(self.body if body is None else body)
        client, headers = self._caller(world.people.get(self.who))
        return client.generic(self.method, self.address, headers=headers, **{**environ, "wsgi.input": arrived})

    def _caller(self, user: User | None) -> tuple[Client, dict[str, str]]:
        client, headers = Client(raise_request_exception=False), {"Idempotency-Key": str(uuid4())}
        if user and self.address.startswith(API):
            headers["Authorization"] = f"Token {token_of(user)}"
        elif user:
            client.force_login(user)
        return client, headers


def sendings(world: World) -> Iterator[Sending]:
    """A request to every address that acts, from somebody who may; forms in both of their encodings."""
    for route, rule in rules().items():
        given = body_at(route, world)
        for method in ("POST", "PATCH") if route.startswith(API) else ("POST",):
            if given and (who := _who(route, rule[method])):
                yield from _encoded(who, method, address_at(route, world), given)


def _who(route: str, statuses: Mapping[str, int]) -> str | None:
    if route in {"/sign-up", "/sign-in", "/admin/login/"}:
        return "anonymous"
    actors = ACTORS[1:] if route.startswith("/admin/") else ACTORS
    return next((kind for kind in actors if statuses[kind] in {200, 201, 302}), None)


def _encoded(who: str, method: str, address: str, given: dict[str, Any]) -> Iterator[Sending]:
    if address.startswith("/api/"):
        yield Sending(who, method, address, json.dumps(given).encode(), JSON)
    else:
        yield Sending(who, method, address, urlencode(given).encode(), URLENCODED)
        yield Sending(who, method, address, encode_multipart(BOUNDARY, given), MULTIPART_CONTENT)


def stored() -> tuple[object, ...]:
    """What requests leave behind: commands, events, users with their passwords, tokens, and parked streams."""
    users = list(User.objects.order_by("pk").values_list("pk", "password"))
    return Command.objects.count(), Event.objects.count(), users, Parked.objects.count(), ApiToken.objects.count()
