"""Callers: users and strangers, by browser or by token, and their answers."""

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

from django.db import transaction
from django.test import Client

from accounts.users.models import User
from eventstore.models import Event
from tests.tokens import token_of

ACTING: Final = frozenset({"POST", "PATCH", "PUT", "DELETE"})
API: Final = "/api/v1/"


@dataclass(frozen=True)
class HttpAnswer:
    """The answer to a request."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    events: int = 0  # that were recorded

    @property
    def text(self) -> str:
        """Headers and body, in lower case."""
        return f"{self.headers} {self.body.decode(errors='replace')}".lower()


@dataclass(frozen=True)
class Caller:
    """A browser with a session, or a program with a token. Effects of requests are rolled back."""

    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    token: str = ""
    events: int = field(default_factory=Event.objects.count)  # that there are, and will be

    @classmethod
    def with_session(cls, user: User | None) -> "Caller":
        """A browser, signed in unless there is no user."""
        caller = cls()
        if user:
            caller.client.force_login(user)
        return caller

    @classmethod
    def with_token(cls, user: User | None) -> "Caller":
        """A program, with a token unless there is no user."""
        return cls(token=token_of(user) if user else "")

    def send(self, method: str, address: str, given: Mapping[str, Any] | None = None, *, key: str = "") -> HttpAnswer:
        """Send a request; its effects are rolled back, in the database and in the browser."""
        with transaction.atomic():
            got = self.really_send(method, address, given, key=key)
            if method in ACTING:
                got = replace(got, events=Event.objects.count() - self.events)
            transaction.set_rollback(True)
        return got

    def really_send(
        self, method: str, address: str, given: Mapping[str, Any] | None = None, *, key: str = ""
    ) -> HttpAnswer:
        """Send a request; its effects in the database stay."""
        cookies = deepcopy(self.client.cookies)
        headers = {"Idempotency-Key": key or str(uuid4())}
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        body, kind = _body(address, given or {}) if method in ACTING else ("", "")
        response = self.client.generic(method, address, body, kind, headers=headers)
        self.client.cookies = cookies
        return HttpAnswer(response.status_code, _read(response), dict(response.headers))


@dataclass(frozen=True)
class Person:
    """A user, or a stranger, with a browser for the site and a program for the API."""

    browser: Caller
    program: Caller

    @classmethod
    def of(cls, user: User | None) -> "Person":
        """A person with both callers, signed in unless there is no user."""
        return cls(Caller.with_session(user), Caller.with_token(user))

    def at(self, route: str) -> Caller:
        """The caller for a route: the program for the API, else the browser."""
        return self.program if route.startswith(API) else self.browser


def _body(address: str, given: Mapping[str, Any]) -> tuple[str, str]:
    if address.startswith("/api/"):
        return json.dumps(given), "application/json"
    return urlencode(given), "application/x-www-form-urlencoded"


def _read(response: Any) -> bytes:
    """The whole body; files come in parts."""
    return b"".join(response) if response.streaming else response.content
