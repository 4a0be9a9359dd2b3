"""The relay's targets as AsyncAPI has them: servers, channels, and what a message carries besides its body."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eventstore.catalogue.entries import Entry
from eventstore.relay.envelope import CONTENT_TYPE
from eventstore.relay.jetstream import DEFAULT_SUBJECT, subject_of
from eventstore.relay.options import Options

_ID: Final = {"type": "string", "format": "uuid", "description": "The id of the event: drop what you have seen."}
_CONTENT_TYPE: Final = {"const": CONTENT_TYPE}
_PROTOCOLS: Final = {"nats": "nats", "tls": "nats", "https": "https", "http": "http"}

TRAITS: Final[Mapping[str, dict[str, Any]]] = {
    "nats": {
        "headers": {
            "type": "object",
            "properties": {"Nats-Msg-Id": _ID, "Content-Type": _CONTENT_TYPE},
            "required": ["Nats-Msg-Id", "Content-Type"],
        },
    },
    "kafka": {
        "headers": {"type": "object", "properties": {"content-type": _CONTENT_TYPE}, "required": ["content-type"]},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "format": "uuid", "description": "The id of the stream."},
                "bindingVersion": "0.5.0",
            }
        },
    },
    "webhook": {
        "headers": {
            "type": "object",
            "properties": {
                "webhook-id": _ID,
                "webhook-timestamp": {"type": "string", "pattern": "^[0-9]+$", "description": "Seconds since 1970."},
                "webhook-signature": {
                    "type": "string",
                    "pattern": "^v1,",
                    "description": "HMAC-SHA256 in base64, over id.timestamp.body (standardwebhooks.com).",
                },
            },
            "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
        },
    },
}


@dataclass(frozen=True)
class Channel:
    """A place to which a target's events are sent."""

    name: str
    address: str
    description: str
    entries: Sequence[Entry]
    target: Options | None = None

    @property
    def trait(self) -> str | None:
        """The name of what its messages carry besides their bodies; None if no target says so."""
        return _trait(self.target) if self.target else None

    @property
    def with_personal(self) -> bool:
        return self.target is not None and self.target.personal


def servers(targets: Sequence[Options]) -> dict[str, dict[str, Any]]:
    """The servers of targets, one for each host; passwords are left out."""
    return {
        name: {"host": host, "protocol": _protocol(target)}
        for target in targets
        for name, host in _hosts(target).items()
    }


def server_names(target: Options) -> list[str]:
    """The names of a target's servers."""
    return list(_hosts(target))


def channels(found: Sequence[Entry], targets: Sequence[Options]) -> list[Channel]:
    """The channels of all targets; where there is none, the subjects that NATS would have by default."""
    events = [entry for entry in found if entry.noun == "event"]
    return [each for target in targets for each in _of(target, events)] or list(_subjects(None, events))


def _of(target: Options, events: Sequence[Entry]) -> Iterator[Channel]:
    wanted = [entry for entry in events if target.types is None or entry.name in target.types]
    path = target.parts.path
    match _trait(target):
        case "nats":
            yield from _subjects(target, wanted)
        case "kafka":
            yield Channel(target.name, path.strip("/"), "A topic; the key is the id of the stream.", wanted, target)
        case _:
            yield Channel(target.name, path or "/", "A POST for each event.", wanted, target)


def _subjects(target: Options | None, events: Sequence[Entry]) -> Iterator[Channel]:
    prefix = target.query.get("subject", DEFAULT_SUBJECT) if target else DEFAULT_SUBJECT
    told = "A subject of NATS JetStream."
    for entry in events:
        name = f"{target.name}.{entry.name}" if target else entry.name
        address = subject_of(prefix, entry.category, entry.name)
        yield Channel(name, address, told if target else f"{told} No target is configured.", [entry], target)


def _trait(target: Options) -> str:
    return {"nats": "nats", "tls": "nats", "kafka": "kafka"}.get(target.parts.scheme, "webhook")


def _protocol(target: Options) -> str:
    if target.parts.scheme != "kafka":
        return _PROTOCOLS[target.parts.scheme]
    return "kafka-secure" if "SSL" in target.query.get("security.protocol", "").upper() else "kafka"


def _hosts(target: Options) -> dict[str, str]:
    hosts = target.parts.netloc.rpartition("@")[2].split(",")
    return {target.name if len(hosts) == 1 else f"{target.name}-{number}": host for number, host in enumerate(hosts, 1)}
