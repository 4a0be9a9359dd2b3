"""The log: one event a line, as text for people or as JSON for programs, and nothing in it that it may not hold.

Everything passes here, whoever logs it: our own modules, Django, libraries, and the security log.
"""

import json
import logging
import re
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from structlog.stdlib import ProcessorFormatter

from accounts.users.discretion import HIDDEN, discreet, is_secret
from accounts.users.security_log import present_request
from eventstore.telemetry import log_ids

PLAIN: Final = re.compile(r"[\w.:/~<>{}\[\]@+-]+", re.ASCII)  # what needs no quotes
LONG: Final = ("exception", "stack_info")  # fields of many lines
SUSPICIOUS: Final = "django.security."
FOREIGN_HOST: Final = "django.security.DisallowedHost"  # it may be missing in ALLOWED_HOSTS, so it is told
FIRST: Final = ("time", "level", "logger", "event")

Fields = MutableMapping[str, Any]


def formatter(kind: str) -> logging.Formatter:
    """The formatter of all handlers; `kind` is `text` or `json`."""
    render: Any = structlog.processors.JSONRenderer() if kind == "json" else as_text
    return ProcessorFormatter(
        use_get_message=True,
        processors=[
            with_origin,
            structlog.processors.format_exc_info,
            ProcessorFormatter.remove_processors_meta,
            without_secrets,
            render,
        ],
    )


def with_origin(_logger: Any, _method: str, fields: Fields) -> Fields:
    """Puts first when, how grave and by whom something was logged, and adds the ids of request, command and trace."""
    record: logging.LogRecord = fields["_record"]
    if record.name.startswith(SUSPICIOUS):  # anybody can cause these; where they were met tells nothing
        fields.pop("exc_info", None)
        if record.name != FOREIGN_HOST:  # what was sent may be anything, such as a name
            fields["event"] = f"A request was refused: {record.name.removeprefix(SUSPICIOUS)}"
    request_id = getattr(present_request(), "request_id", None)
    if request_id:
        fields.setdefault("request_id", request_id)
    for name, text in log_ids().items():
        fields.setdefault(name, text)
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return {
        "time": time.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": fields.pop("event"),
        **fields,
    }


def without_secrets(_logger: Any, _method: str, fields: Fields) -> Fields:
    """Hides e-mail addresses, values with the names of secrets, and the secrets of one-time links."""
    secrets = _secrets_in_address()
    return {name: _without(discreet(value, "" if name in FIRST else name), secrets) for name, value in fields.items()}


def as_text(_logger: Any, _method: str, fields: Fields) -> str:
    """One line, and below it, indented, the traceback: no text from outside can look like another line."""
    time, level, logger, event = (fields.pop(name) for name in FIRST)
    below = [line for name in LONG for line in str(fields.pop(name, "") or "").split("\n") if line]
    line = " ".join(
        [
            f"{time} {level.upper()} {logger}: {printable(str(event))}",
            *(f"{name}={quoted(fields[name])}" for name in fields),
        ]
    )
    return "\n".join([line, *(f"    {printable(text)}" for text in below)])


def quoted(value: Any) -> str:
    """A value in one word, or in quotes."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if PLAIN.fullmatch(text) else json.dumps(text) if isinstance(value, str) else printable(text)


def printable(text: str) -> str:
    """A text without what nobody sees, such as line breaks and codes that colour a terminal: each is escaped."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _without(value: Any, secrets: list[str]) -> Any:
    for secret in secrets:
        if isinstance(value, str):
            value = value.replace(secret, HIDDEN)
    return value


def _secrets_in_address() -> list[str]:
    """What a one-time link proves its sender with."""
    match = getattr(present_request(), "resolver_match", None)
    places = match.kwargs if match else {}
    return [str(value) for name, value in places.items() if value and is_secret(name)]
