"""Whoever owns the database can change anything in it; once it is sealed, `verify` finds each change.

The generator is seeded: a failure names its seed. FORGERIES=1000 makes a long run. What is *not* promised is said by a
test, too: rows that no head covers yet can be rewritten with right digests.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from django.db import Error, transaction
from django.test import override_settings

from eventstore import log
from eventstore.execute import CommandRequest, execute_many
from eventstore.integrity.sealer import seal
from eventstore.integrity.verify import Code, Report, Scope, verify
from eventstore.models import Event, Tile, TreeHead
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.rebuild import rebuild
from tests.eventstore.sample import Count, Counted, Describe, Move, NotePerson
from tests.torture.forgeries import forgeries, lift_all_guards
from tests.torture.forgeries.rewrites import rewrite_stream
from tests.torture.forgeries.tables import erase_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

MANY = int(os.environ.get("FORGERIES", "60"))
ROUNDS, COMMANDS = 3, 60  # seals, and commands before each
TALLIES = [UUID(int=number) for number in range(1, 8)]
APPENDED = UUID(int=99)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A small log, sealed several times, with the heads in a file outside."""
    path = tmp_path / "heads.txt"
    with override_settings(SEAL_FILE=str(path)):
        rng = Random(15)
        for number in range(ROUNDS):
            execute_many([request(rng, f"{number} {place}") for place in range(COMMANDS)])
            log.append("tally", APPENDED, [Counted(APPENDED, 1, number + 1)], actor="ann")
            seal()
        yield path


def request(rng: Random, key: str) -> CommandRequest:
    one, two = rng.sample(TALLIES, 2)
    command = rng.choice(
        [
            Count(one, rng.randrange(1, 5)),
            Count(one, rng.randrange(1, 5)),
            Move(one, two, rng.randrange(3)),
            Count(one, 1_000),  # is refused
            Describe(one),
            NotePerson(UUID(int=1_000 + rng.randrange(5)), "Ann"),
        ]
    )
    return CommandRequest(command=command, key=key, actor=rng.choice(["ann", "bob"]))


def look(file: Path) -> Report:
    """What `verify` finds with the heads outside."""
    return verify(Scope(seals=file))


def signs_of(report: Report) -> list[str]:
    """What was found beside the guards, which the forger has lifted and could put back."""
    return [fault.sentence for fault in report.faults.named if fault.code != Code.GUARD]


class Undone(Exception):
    """Ends a forgery, which is rolled back."""


def forge(seed: int, file: Path) -> tuple[str, list[str]]:
    """Forge once, look, and undo it; what was forged, and what was found."""
    rng, before = Random(seed), file.read_text()
    forged, found = "nothing", list[str]()
    try:
        with transaction.atomic():
            lift_all_guards()
            forged = forgeries[seed % len(forgeries)](rng, file)
            found = signs_of(look(file))
            raise Undone
    except Undone:
        return forged, found
    finally:
        file.write_text(before)


def test_a_log_that_nobody_has_forged_is_clean(file: Path) -> None:
    report = look(file)
    assert report.faults.named == []
    assert report.events == Event.objects.count() > 100
    assert report.heads == report.heads_outside == 2 * ROUNDS
    assert report.unsealed_rows == 0


def test_each_forgery_is_found(file: Path) -> None:
    missed, made = list[str](), 0
    for seed in range(MANY):
        try:
            forged, found = forge(seed, file)
        except Error:
            continue  # the database itself refuses this one, such as an id twice
        made += 1
        if not found:
            missed.append(f"seed {seed}: {forged}")
    assert not missed, "\n".join(missed)
    assert made >= 0.9 * MANY
    assert look(file).faults.named == []  # all of them were undone


def test_a_sealed_event_is_forged_with_right_digests_and_the_first_bad_position_is_named(file: Path) -> None:
    lift_all_guards()
    event = rewrite_stream(Random(7))
    report = look(file)
    first = report.faults.first
    assert first is not None
    assert (first.code, first.position) == (Code.LEAF, event.pk)


def test_without_the_heads_outside_a_log_that_was_unsealed_looks_new(file: Path) -> None:
    """So they have to be kept where the owner of the database can't reach them."""
    lift_all_guards()
    rewrite_stream(Random(7))
    Tile.objects.all().delete()
    erase_rows(TreeHead)
    assert signs_of(verify(Scope())) == []
    assert signs_of(look(file)) != []


def test_what_is_not_sealed_yet_can_be_rewritten_with_right_digests(tmp_path: Path) -> None:
    """Nobody could tell: so `verify` tells how long the unsealed tail is, and that it can be."""
    execute_many([CommandRequest(command=Count(TALLIES[0], 1), key=str(key), actor="ann") for key in range(5)])
    lift_all_guards()
    rewrite_stream(Random(7))
    report = verify(Scope())
    assert signs_of(report) == []
    assert report.unsealed_rows == 10


def test_a_forgery_is_found_after_the_read_models_were_rebuilt(file: Path) -> None:
    lift_all_guards()
    event = rewrite_stream(Random(7))
    rebuild(list(projections.values()))
    first = look(file).faults.first
    assert first is not None
    assert first.position == event.pk
