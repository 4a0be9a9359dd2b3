"""The rules of a library card: it is sent once."""

from collections.abc import Iterator
from dataclasses import dataclass

from eventstore.decider import Decider, Refused, register

from lending.commands import SendCard
from lending.events import CardSent


@dataclass(frozen=True)
class Card:
    is_sent: bool = False


def decide(card: Card, command: SendCard) -> Iterator[CardSent]:
    """Yield the events that a command causes, or refuse it."""
    if card.is_sent:
        raise Refused("CARD_WAS_SENT", "This card was sent before.")
    yield CardSent(command.card_id, command.reader_id)


def evolve(card: Card, event: CardSent) -> Card:
    """The card after an event."""
    return Card(is_sent=True)


CARDS = Decider(category="card", initial=Card(), decide=decide, evolve=evolve, commands=SendCard)
register(CARDS)
