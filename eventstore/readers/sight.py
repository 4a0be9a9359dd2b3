"""What a caller must see in an answer: everything up to a position of the log, and the own last command."""

from dataclasses import dataclass, replace
from typing import Final

from django.db.models import Subquery

from eventstore import feed
from eventstore.backends.configured import setting
from eventstore.backends.followers import followers, read_database
from eventstore.backends.rows import Identity
from eventstore.log.database import primary_rows
from eventstore.log.identity import identity_in
from eventstore.models import Command, Epoch


@dataclass(frozen=True, slots=True)
class Sight:
    """The position of the log, and the number in the command store, that an answer must reflect.

    `caller` is any stable name of who asks, or nothing: the same caller is sent to the same follower, as long as it
    answers, so that time does not run backwards from one answer to the next. `identity` is that of the log as it is on
    the primary; where it is None, whoever answers looks it up.
    """

    position: int = 0
    number: int = 0
    caller: object = None
    identity: Identity | None = None

    def up_to(self, position: int | None) -> "Sight":
        """The same, and at least up to a position."""
        return replace(self, position=max(self.position, position or 0))


NOTHING: Final = Sight()


def sight_of(actor: str | None, position: int | None = None) -> Sight:
    """What an actor must see: their own last command, which the command store knows, and a position that they name.

    The last command may have been refused; that, too, is seen in an audit trail. Costs one query to the primary, by the
    index on actor and number, where there are followers at all; where that index is not kept, all is to be seen. The
    same query tells the log's epoch.
    """
    if actor is None or not followers():
        return Sight(position or 0, caller=actor)
    if not setting("EVENTSTORE_BROWSING_INDEXES", default=True):
        drawn = feed.last_drawn()
        return Sight(drawn.position, drawn.number, actor).up_to(position)
    own = primary_rows(Command).filter(actor=actor).order_by("-number").values("number")[:1]
    newest = primary_rows(Epoch).order_by("-epoch").annotate(own=Subquery(own)).first()
    if newest is None:
        return Sight(position or 0, caller=actor)
    number: int = newest.own or 0
    sight = Sight(position or 0, number, actor, identity_in(newest))
    return sight.up_to(_last_position(actor)) if number and read_database() else sight


def in_present_epoch(sight: Sight) -> Sight:
    """The same, with the identity of the log; costs one query to the primary, unless it is known."""
    if sight.identity is not None:
        return sight
    newest = primary_rows(Epoch).order_by("-epoch").first()
    return sight if newest is None else replace(sight, identity=identity_in(newest))


def _last_position(actor: str) -> int:
    """The position of the last event that the actor caused: read models on a read database go by positions."""
    own = primary_rows(Command).filter(actor=actor, accepted=True).exclude(positions=[]).order_by("-number")
    positions = own.values_list("positions", flat=True).first()
    return max(positions) if positions else 0
