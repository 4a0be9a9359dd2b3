"""The targets of this site: each setting becomes a subscriber of the log, whose progress is stored under its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Final

from django.conf import settings

from eventstore import messages
from eventstore.backends.rows import Identity
from eventstore.errors import DeliveryRefused
from eventstore.log.records import Recorded
from eventstore.projecting.declaration.deliveries import Delivery
from eventstore.projecting.declaration.registry import deliveries
from eventstore.relay.envelope import Message, message
from eventstore.relay.jetstream import JetStream
from eventstore.relay.kafka import Kafka
from eventstore.relay.options import Options, read
from eventstore.relay.webhook import Webhook
from eventstore.relay.wire import Wire

PACKAGES: Final = {
    "nats": ("nats", "nats-py"),
    "tls": ("nats", "nats-py"),
    "kafka": ("confluent_kafka", "confluent-kafka"),
}
PREFIX: Final = "relay-"  # no function's name has a hyphen, so no projection is called so


@dataclass(frozen=True, kw_only=True)
class Relay(Delivery):
    """A delivery to one target."""

    options: Options
    wire: Wire = field(compare=False)

    @property
    def target(self) -> str:
        return self.options.name

    def hand_over(self, records: Sequence[Recorded[Any]], of: Identity) -> Sequence[Exception | None]:
        """Send events in their envelopes, and wait for the acknowledgements."""
        made = [self._message(record, of) for record in records]
        answers = iter(self.wire.send([each for each in made if isinstance(each, Message)]))
        return [next(answers) if isinstance(each, Message) else each for each in made]

    def close(self) -> None:
        self.wire.close()

    @property
    def fault(self) -> str | None:
        """What keeps it from working here: a package, or an event that nobody declares; None if nothing does."""
        module, package = PACKAGES.get(self.options.parts.scheme, ("json", ""))
        if find_spec(module) is None:
            return f"needs the package {package} (requirements-extras.txt, docs/relay.md)"
        unknown = sorted((self.types or frozenset()) - set(messages.events))
        return f"is to be sent events of the type {unknown[0]!r}, which there is not" if unknown else None

    def _message(self, record: Recorded[Any], of: Identity) -> Message | Exception:
        try:
            return message(record, of, with_personal=self.options.personal)
        except DeliveryRefused as error:
            return error


def declare(targets: Mapping[str, Mapping[str, Any]]) -> None:
    """Declare these targets, and no others. Raises ImproperlyConfigured."""
    declared = [_relay(read(name, options)) for name, options in targets.items()]
    for old in list(deliveries.values()):
        old.close()
    deliveries.clear()
    deliveries.update({each.name: each for each in declared})


def declare_configured() -> None:
    """Declare what the setting RELAY_TARGETS lists."""
    declare(getattr(settings, "RELAY_TARGETS", {}))


def relays() -> dict[str, Relay]:
    """The declared targets, by the names that the setting gives them."""
    return {each.options.name: each for each in deliveries.values() if isinstance(each, Relay)}


def _relay(options: Options) -> Relay:
    wire = _wire(options)
    return Relay(
        name=f"{PREFIX}{options.name}",
        function=wire.send,
        version=1,
        delayed=True,
        global_order=False,
        types=options.types,
        at_once=wire.at_once,
        since_beginning=options.since_beginning,
        options=options,
        wire=wire,
    )


def _wire(options: Options) -> Wire:
    match options.parts.scheme:
        case "nats" | "tls":
            return JetStream(options)
        case "kafka":
            return Kafka(options)
        case _:
            return Webhook(options)
