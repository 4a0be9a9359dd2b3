"""A caller of the API, with or without a token."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.test import Client

from accounts.users.models import User
from tests.tokens import token_of

ROOT = "/api/v1/"
NEW_KEY = "a new key"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    raw: bytes
    headers: Any

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        """The code of a refusal; raises if it is not in the shape that all errors have."""
        assert set(self.body) <= {"code", "message", "field", "details"}, self.body
        assert isinstance(self.body["message"], str)
        assert self.body["message"]
        return str(self.body["code"])

    @property
    def refusal(self) -> tuple[int, str, str | None]:
        return self.status, self.code, self.body.get("field")


@dataclass(frozen=True)
class Caller:
    """A program with a token, or without one."""

    token: str | None = None
    client: Client = field(default_factory=Client)

    @classmethod
    def of(cls, user: User) -> "Caller":
        return cls(token_of(user))

    def get(self, path: str, **query: Any) -> Answer:
        address = path if path.startswith("http") else ROOT + path
        return self.send("GET", f"{address}?{urlencode(query)}" if query else address)

    def post(self, path: str, body: Any = None, *, key: str | None = NEW_KEY, **query: Any) -> Answer:
        return self._act("POST", path, body, key, query)

    def patch(self, path: str, body: Any = None, *, key: str | None = NEW_KEY, **query: Any) -> Answer:
        return self._act("PATCH", path, body, key, query)

    def send(
        self,
        method: str,
        address: str,
        body: bytes | str = b"",
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send any request, well formed or not."""
        sent = {"Authorization": f"Token {self.token}"} if self.token else {}
        response = self.client.generic(method, address, body, content_type, headers={**sent, **(headers or {})})
        return Answer(response.status_code, response.getvalue(), response.headers)

    def _act(self, method: str, path: str, body: Any, key: str | None, query: dict[str, Any]) -> Answer:
        address = f"{ROOT}{path}?{urlencode(query)}" if query else ROOT + path
        headers = {} if key is None else {"Idempotency-Key": str(uuid4()) if key is NEW_KEY else key}
        return self.send(method, address, json.dumps(body), headers=headers)
