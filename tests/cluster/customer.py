"""A customer of the cluster's site, whose program tries again with the same key whatever happens."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from deploy.ha.cluster.plan import HOST

SECONDS: Final = 300.0  # for a command to be answered, against a test that never ends
AGAIN: Final = (0, 502, 503, 504)  # statuses after which one tries again; 0 is no answer
PAUSE_SECONDS: Final = 0.1
PASSWORD: Final = "a long engine"


@dataclass
class Customer:
    """Somebody with an account, and what became of their commands."""

    port: int
    email: str = field(default_factory=lambda: f"{uuid4().hex}@example.org")
    token: str = ""
    account: str = ""
    acknowledged: list[int] = field(default_factory=list)  # positions of deposits
    statuses: list[int] = field(default_factory=list)  # of all answers but the good ones; 0 for none
    longest_wait_seconds: float = 0.0

    def register(self) -> "Customer":
        """Become a customer with an account in euros."""
        person = {"name": "Ada", "email": self.email, "password": PASSWORD, "timezone": "Europe/London"}
        self.act("customers", person)
        self.token = self.act("token", {"email": self.email, "password": PASSWORD})["token"]
        self.account = self.act("accounts", {"currency": "EUR", "label": "Everyday"})["account_id"]
        return self

    def deposit(self, key: str | None = None) -> dict[str, Any]:
        """Pay in one euro."""
        answer = self.act(f"accounts/{self.account}/deposits", {"amount": "1.00"}, key)
        self.acknowledged.append(answer["position"])
        return answer

    def act(self, path: str, body: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        """The answer to a command, which is sent until there is one, always with the same key."""
        begun, key = time.monotonic(), key or uuid4().hex
        while True:
            status, answer = self.send("POST", path, body, key)
            if 200 <= status < 300:
                self.longest_wait_seconds = max(self.longest_wait_seconds, time.monotonic() - begun)
                return answer
            self.statuses.append(status)
            assert status in AGAIN, (status, answer)
            assert time.monotonic() - begun < SECONDS, f"No answer, but {self.statuses[-5:]}."
            time.sleep(PAUSE_SECONDS)

    def balance(self, port: int | None = None) -> str:
        """The balance, as another machine of the site may tell it."""
        status, answer = self.look(f"accounts/{self.account}", port)
        assert status == 200, (status, answer)
        return str(answer["balance"])

    def look(self, path: str, port: int | None = None) -> tuple[int, dict[str, Any]]:
        """The status and the text of the answer to a question, which is asked until there is one."""
        begun = time.monotonic()
        while True:
            status, answer = self.send("GET", path, port=port)
            if status not in AGAIN:
                return status, answer
            assert time.monotonic() - begun < SECONDS, f"No answer, but {status}."
            time.sleep(PAUSE_SECONDS)

    def send(
        self, method: str, path: str, body: dict[str, Any] | None = None, key: str = "", *, port: int | None = None
    ) -> tuple[int, dict[str, Any]]:
        """The status of an answer and what it says; 0 if none has come."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key} if body is not None else {}
        headers |= {"Authorization": f"Token {self.token}"} if self.token else {}
        url, data = f"http://{HOST}:{port or self.port}/api/v1/{path}", json.dumps(body).encode() if body else None
        request = urllib.request.Request(url, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - likewise
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, {"text": error.read().decode(errors="replace")[:300], **dict(error.headers)}
        except (OSError, ValueError) as error:
            return 0, {"text": repr(error)}
