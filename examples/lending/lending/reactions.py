"""What follows from what has happened."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid5

from eventstore.log import Recorded
from eventstore.projecting import reaction

from lending.commands import SendCard
from lending.events import ReaderJoined


@reaction()
def welcome_cards(event: ReaderJoined, record: Recorded[Any]) -> Iterator[SendCard]:
    """Whoever joins is sent a card."""
    yield SendCard(card_id=uuid5(event.reader_id, "card"), reader_id=event.reader_id)
