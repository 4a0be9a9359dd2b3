"""Consumers of the log by HTTP: each follows `GET events` from the last place that it remembers, and asks again."""

import json
import threading
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

AGAIN = 3  # events that a consumer asks for anew each time, as one does that saves its place after its work
PAUSE_SECONDS = 0.02


@dataclass
class Site:
    """Where the site is; nowhere while it is down."""

    address: str = ""

    def ask(self, path: str, token: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """The status and the body of an answer; raises OSError while there is no site."""
        if not self.address:
            raise ConnectionError("The site is down.")
        headers = {"Authorization": f"Token {token}", "Content-Type": "application/json", "Idempotency-Key": key or "-"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/api/v1/{path}", data, headers)  # noqa: S310 - our own server
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


@dataclass
class Follower(threading.Thread):
    """A consumer that remembers places by one field of the events: `cursor`, or `position` if it is naive."""

    site: Site
    token: str
    place: str
    seen: dict[Any, set[str]] = field(default_factory=lambda: defaultdict(set))  # ids of events, by their places
    log: list[tuple[int, str, Any]] = field(default_factory=list)  # its copy: position, id and place of each event
    refusals: list[dict[str, Any]] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    start_at: Any = 0
    told_since: int = 0  # entries of its copy that are older than `start_at`, and whose places are good no more

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._stopped = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Follow until stopped; a site that is away, or too busy, is asked again."""
        while not self._stopped.wait(PAUSE_SECONDS):
            try:
                status, body = self.site.ask(f"events?{urlencode({'after': self._after()})}", self.token)
            except OSError:
                continue
            if status == 200:
                self._take(body["results"])
            elif status == 409:
                self._start_anew(body)
            elif status != 503:
                self.trouble.append(f"{status}: {body}")

    def stop(self) -> None:
        """Stop, and wait until it has."""
        self._stopped.set()
        self.join()

    @property
    def ids(self) -> list[str]:
        """The ids of the events in its copy."""
        return [event_id for _, event_id, _ in self.log]

    def _after(self) -> Any:
        known = self.log[self.told_since : -AGAIN]
        return known[-1][2] if known else self.start_at

    def _take(self, events: list[dict[str, Any]]) -> None:
        """What comes from a position on replaces what the copy holds from there on."""
        if not events:
            return
        self.log = [entry for entry in self.log if entry[0] < events[0]["position"]]
        self.told_since = min(self.told_since, len(self.log))
        for event in events:
            self.seen[event[self.place]].add(event["event_id"])
            self.log.append((event["position"], event["event_id"], event[self.place]))

    def _start_anew(self, refusal: dict[str, Any]) -> None:
        """Go on from where the site says: what comes there replaces the rest of the copy."""
        self.refusals.append(refusal)
        self.start_at, self.told_since = refusal["details"]["cursor"], len(self.log)


def until(condition: Callable[[], bool], *followers: Follower) -> None:
    """Wait until a condition holds; asserts that all followers still follow."""
    pause = threading.Event()
    while not condition():
        assert all(follower.is_alive() and not follower.trouble for follower in followers), followers
        pause.wait(PAUSE_SECONDS)
