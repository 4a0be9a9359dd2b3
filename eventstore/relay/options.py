"""The targets as the setting RELAY_TARGETS declares them: names, each with an address and what it may be given."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured

SCHEMES: Final = ("nats", "tls", "kafka", "https", "http")
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
NAME: Final = r"[a-z][a-z0-9_]{0,31}"
KEYS: Final = frozenset({"url", "secret", "personal", "types", "start"})


@dataclass(frozen=True, kw_only=True)
class Options:
    """One target. `personal`: it is given personal data. `types`: only events of these types; None for all.

    `since_beginning`: a new target is sent the log from its first event, and not what comes from now on.
    """

    name: str
    url: str
    secret: str = ""
    personal: bool = False
    types: frozenset[str] | None = None
    since_beginning: bool = True

    @property
    def parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def query(self) -> dict[str, str]:
        """What the address says behind its question mark."""
        return dict(parse_qsl(self.parts.query))

    @property
    def address(self) -> str:
        """The address without passwords, tokens and the like, to be shown."""
        parts = self.parts
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def read(name: str, declared: Mapping[str, Any]) -> Options:
    """The options of a declared target; raises ImproperlyConfigured for what can't be meant."""
    if not re.fullmatch(NAME, name):
        raise _wrong(name, "has no such name as bus or data_lake: small letters, digits and _, 32 at most")
    if unknown := sorted(set(declared) - KEYS):
        raise _wrong(name, f"has no option {unknown[0]!r}; there are {', '.join(sorted(KEYS))}")
    start, types = declared.get("start") or "beginning", declared.get("types")
    if start not in {"beginning", "now"}:
        raise _wrong(name, f"starts at beginning or now, not at {start!r}")
    return Options(
        name=name,
        url=_url(name, str(declared.get("url") or "")),
        secret=str(declared.get("secret") or ""),
        personal=declared.get("personal") is True,
        types=frozenset(types) if types else None,
        since_beginning=start == "beginning",
    )


def _url(name: str, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.netloc:
        raise _wrong(name, "needs an address: nats://host:4222/STREAM, kafka://host:9092/topic or https://host/path")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise _wrong(name, "is reached over http://, where others can read and change events: give it https://")
    if parts.scheme in {"nats", "tls", "kafka"} and not parts.path.strip("/"):
        raise _wrong(name, "lacks the stream or topic at the end of its address")
    return url


def _wrong(name: str, fault: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"The target {name!r} of RELAY_TARGETS {fault}.")
