"""What a caller must see in an answer: everything up to a position of the log, and the own last command."""

from dataclasses import dataclass, replace
from typing import Final

from eventstore import feed
from eventstore.backends.configured import setting
from eventstore.backends.followers import followers, read_database
from eventstore.log.database import primary_rows
from eventstore.models import Command


@dataclass(frozen=True, slots=True)
class Sight:
    """The position of the log, and the number in the command store, that an answer must reflect.

    `caller` is any stable name of who asks, or nothing: the same caller is sent to the same follower, as long as it
    answers, so that time does not run backwards from one answer to the next.
    """

    position: int = 0
    number: int = 0
    caller: object = None

    def up_to(self, position: int | None) -> "Sight":
        """The same, and at least up to a position."""
        return replace(self, position=max(self.position, position or 0))


NOTHING: Final = Sight()


def sight_of(actor: str | None, position: int | None = None) -> Sight:
    """What an actor must see: their own last command, which the command store knows, and a position that they name.

    The last command may have been refused; that, too, is seen in an audit trail. Costs one query to the primary, by the
    index on actor and number, where there are followers at all; where that index is not kept, all is to be seen.
    """
    if actor is None or not followers():
        return Sight(position or 0, caller=actor)
    if not setting("EVENTSTORE_BROWSING_INDEXES", default=True):
        drawn = feed.last_drawn()
        return Sight(drawn.position, drawn.number, actor).up_to(position)
    own = primary_rows(Command).filter(actor=actor).order_by("-number")
    number = own.values_list("number", flat=True).first() or 0
    sight = Sight(position or 0, number, actor)
    return sight.up_to(_last_position(actor)) if number and read_database() else sight


def _last_position(actor: str) -> int:
    """The position of the last event that the actor caused: read models on a read database go by positions."""
    own = primary_rows(Command).filter(actor=actor, accepted=True).exclude(positions=[]).order_by("-number")
    positions = own.values_list("positions", flat=True).first()
    return max(positions) if positions else 0
