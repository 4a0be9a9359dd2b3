"""A short history for archives: all that a row may hold, and what is hard to bring back as it was."""

from typing import Any
from uuid import UUID, uuid4

from django.core.management import call_command

from eventstore import log, personal
from eventstore.execute import execute
from eventstore.log import close_until
from eventstore.models import Command, Event, Stream, SubjectKey
from tests.eventstore.sample import LIMIT, Count, Counted, Move, NotePerson, PersonNoted

ADA, BOB, CAY = (UUID(int=number) for number in (1, 2, 3))
TALLIES = [UUID(int=100 + number) for number in range(4)]
ODD_TEXTS = ['"@"', "@", '@@ "@ "@"', "\\", "𝄞 Müller 李 \u2028\x7f", "a" * 5_000]


def write(commands: int = 20) -> None:
    """Commands that were accepted and refused, of one stream and two; events without a command; persons, one erased."""
    for number in range(commands):
        execute(Count(TALLIES[number % 4], 1 + number % 3), f"count-{uuid4()}", actor=f"@ann{number % 2}")
    execute(Move(TALLIES[0], TALLIES[1], 1), f"move-{uuid4()}", actor="@")
    execute(Count(TALLIES[2], LIMIT + 1), f"refused-{uuid4()}", actor="ben")
    log.append("tally", UUID(int=900), [Counted(UUID(int=900), 2**62, 2**62)], actor="system")


def write_persons() -> None:
    """Persons with names that are hard to keep, one of whom is erased; metadata that look like the archive's own."""
    for person, name in ((ADA, 'Ada "@" Lovelace'), (BOB, "Bob"), (CAY, "凯 𝄞")):
        execute(NotePerson(person, name), str(person), actor="ann")
    for number, text in enumerate(ODD_TEXTS):
        metadata = {"remark": text, "@": {"@": text}, "number": 2**70 + number}
        log.append("person", ADA, [PersonNoted(ADA, text)], actor="@", metadata=metadata)
    personal.erase(BOB)


def close() -> None:
    """Close the time of a stream."""
    head = Stream.objects.get(stream_id=TALLIES[0])
    close_until({head.stream_id: head.recorded_at})


def rows(model: Any, *without: str) -> list[dict[str, Any]]:
    """All rows of a table, in order, with bytes that can be compared."""
    found = model.objects.order_by("pk").values()
    return [
        {
            name: bytes(value) if isinstance(value, memoryview) else value
            for name, value in row.items()
            if name not in without
        }
        for row in found
    ]


def everything() -> dict[str, Any]:
    """All that a restore brings back, but for what it makes anew."""
    return {
        "events": rows(Event),
        "commands": rows(Command),
        "streams": rows(Stream),
        "keys": rows(SubjectKey, "purged_at"),
    }


def emptied() -> None:
    """The database as `migrate` makes it."""
    call_command("flush", interactive=False, verbosity=0)


__all__ = ["ADA", "BOB", "CAY", "TALLIES", "close", "emptied", "everything", "rows", "write", "write_persons"]
