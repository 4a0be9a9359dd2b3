"""A target in memory, which may be away, and may not take some events."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from eventstore.errors import DeliveryRefused, TargetUnavailable
from eventstore.projecting import installation
from eventstore.projecting.declaration.registry import deliveries
from eventstore.relay import declare, relays
from eventstore.relay.envelope import Message
from eventstore.relay.targets import Relay

ADDRESS = "nats://127.0.0.1:1/NOWHERE"


@dataclass
class Fake:
    """It keeps what it acknowledges. `away_after` is how many messages it takes before it is away."""

    at_once: int = 4
    refuses: Callable[[Message], bool] = lambda _: False
    away_after: int | None = None
    kept: list[Message] = field(default_factory=list)
    closed: int = 0

    def send(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        assert len({message.stream_id for message in messages}) == len(messages) <= self.at_once
        return [self._take(message) for message in messages]

    def close(self) -> None:
        self.closed += 1

    def _take(self, message: Message) -> Exception | None:
        if self.refuses(message):
            return DeliveryRefused("no, thank you")
        if self.away_after is not None and len(self.kept) >= self.away_after:
            return TargetUnavailable("away")
        self.kept.append(message)
        return None

    @property
    def envelopes(self) -> list[dict[str, Any]]:
        return [json.loads(message.body) for message in self.kept]

    @property
    def positions(self) -> list[int]:
        return [int(envelope["position"]) for envelope in self.envelopes]

    def first_versions(self, stream_id: UUID) -> list[int]:
        """The versions of a stream in the order in which they first arrived, without repeats."""
        own = [int(each["sequence"]) for each in self.envelopes if each["partitionkey"] == str(stream_id)]
        return list(dict.fromkeys(own))


def relay_to(fake: Fake, **options: Any) -> Relay:
    """Declare one target, `bus`, and put the fake in the place of its wire."""
    declare({"bus": {"url": ADDRESS, **options}})
    relay = replace(relays()["bus"], wire=fake, at_once=fake.at_once)
    deliveries[relay.name] = relay
    installation.install(using="default")
    return relay
