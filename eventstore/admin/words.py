"""Words of the project on the engine's pages: names beside ids, and amounts beside their smallest units.

The log stores ids and numbers; what they stand for, the project knows. It says so in its `admin.py`:

class LendingWords(Words):
    def streams(self, ids, user):
        return {book.pk: book.title for book in Book.objects.filter(pk__in=ids)}

speak(LendingWords())
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

__all__ = ["Said", "Words", "attach", "of_fields", "speak"]


class Words:
    """What things are called: each method answers for a whole page, in plain text, as far as a user may see it."""

    def actors(self, actors: Collection[str], user: Any) -> Mapping[str, str]:
        """The names of actors."""
        return {}

    def streams(self, ids: Collection[UUID], user: Any) -> Mapping[UUID, str]:
        """The names of what streams are about, by their ids."""
        return {}

    def fields(self, message: object, user: Any) -> Mapping[str, str]:
        """What the values of an event, a command or a state mean, by the names of their fields."""
        return {}


@dataclass(frozen=True)
class Said:
    """The words for the rows of one page."""

    actors: Mapping[str, str] = field(default_factory=dict)
    streams: Mapping[UUID, str] = field(default_factory=dict)


_words: Final[list[Words]] = [Words()]


def speak(words: Words) -> None:
    """Uses these words on the engine's pages."""
    _words[:] = [words]


def attach(rows: Sequence[Any], user: Any) -> None:
    """Sets `said` of each row to the words for the actors and the streams of all of them."""
    actors = {actor_of(row) for row in rows} - {""}
    streams = {row.stream_id for row in rows if hasattr(row, "stream_id")}
    (words,) = _words
    said = Said(words.actors(actors, user) if actors else {}, words.streams(streams, user) if streams else {})
    for row in rows:
        row.said = said


def actor_of(row: Any) -> str:
    """The actor of a command or an event; empty for other rows."""
    known: str = getattr(row, "actor", "") or getattr(row, "metadata", {}).get("actor", "")
    return known


def of_fields(message: object, user: Any) -> Mapping[str, str]:
    """The words for the fields of a message or a state."""
    return _words[0].fields(message, user)
