"""Live rows are compared with a fresh replay, and what differs is named."""

import json
import random
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from eventstore.execute import execute
from eventstore.models import Event, Stream
from eventstore.projecting import drift
from eventstore.projecting.declaration import projections
from eventstore.projecting.drift import check, check_heads, check_sample
from eventstore.projecting.rebuild import no_progress, rebuild
from eventstore.projecting.runner import Runner
from eventstore.projecting.table import Table
from tests.eventstore.sample import Clear, Count
from tests.eventstore.sample_projections import Asked, Line, Standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

TALLIES = [UUID(int=number) for number in range(1, 6)]


@pytest.fixture(autouse=True)
def history(sample: None) -> None:
    for number, tally_id in enumerate(TALLIES):
        execute(Count(tally_id, 1 + number), f"count {number}", actor="ann")
    execute(Clear(TALLIES[4]), "clear", actor="ann")
    Runner().catch_up()


def differences(name: str) -> dict[str, tuple[str, dict[str, Any]]]:
    found = check(projections[name], no_progress)
    return {difference.key: (difference.problem, dict(difference.columns)) for difference in found.differences}


@pytest.mark.parametrize("name", ["standings", "lines", "asked", "grand"])
def test_rows_as_the_log_has_them_do_not_differ(name: str) -> None:
    assert differences(name) == {}


def test_a_row_that_differs_is_named_with_its_columns() -> None:
    Standing.objects.filter(pk=TALLIES[0]).update(total=99)
    assert differences("standings") == {str(TALLIES[0]): ("differs", {"total": (99, 1)})}


def test_a_missing_row_and_one_too_many_are_named() -> None:
    first = Line.objects.order_by("pk").first()
    assert first is not None
    Line.objects.filter(pk=first.pk)._raw_delete("default")
    Line.objects.bulk_create([Line(position=10_000, tally_id=TALLIES[0], amount=1)])
    assert differences("lines") == {str(first.pk): ("missing", {}), "10000": ("should not be there", {})}


def test_projections_of_commands_are_checked_too() -> None:
    Asked.objects.filter(accepted=True).update(accepted=False)
    assert len(differences("asked")) == 6


def test_what_a_runner_has_not_read_yet_is_no_drift() -> None:
    execute(Count(TALLIES[0], 1), "late", actor="ann")
    assert differences("lines") == {}
    assert differences("grand") == {}


def test_a_sample_finds_what_differs_in_its_streams() -> None:
    Standing.objects.update(total=99)
    found = check_sample(projections["standings"], 50, random.Random(1))
    assert {difference.key for difference in found.differences} == {str(tally_id) for tally_id in TALLIES[:4]}
    assert not check_sample(projections["lines"], 50, random.Random(1)).found


def test_heads_are_compared_with_a_fold_of_their_events() -> None:
    assert not check_heads().found
    Stream.objects.filter(stream_id=TALLIES[0]).update(state='{"total": 99, "counts": 1}')
    (difference,) = check_heads().differences
    assert difference.key == f"tally:{TALLIES[0]}"
    assert set(difference.columns) == {"state"}
    assert check_heads(50, random.Random(1)).found


def test_only_so_many_differences_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drift, "SHOWN", 2)
    Standing.objects.update(total=99)
    found = check(projections["standings"], no_progress)
    assert (len(found.differences), found.more) == (2, True)
    assert {difference.problem for difference in found.differences} == {"differs"}


def test_a_row_that_differs_is_not_taken_for_a_missing_one_where_many_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database may name other rows of the one table than of the other, where it names only some."""
    of_all = Table.rows_not_in

    def opposite_ends(table: Table, other: Table, limit: int) -> list[Any]:
        rows = sorted(of_all(table, other, 99), key=lambda row: str(row.pk), reverse=table.name.endswith("__check"))
        return rows[:limit]

    monkeypatch.setattr(Table, "rows_not_in", opposite_ends)
    monkeypatch.setattr(drift, "SHOWN", 1)
    for number, tally_id in enumerate(TALLIES[:4]):
        Standing.objects.filter(pk=tally_id).update(total=90 - number)  # in the opposite order
    (difference,) = check(projections["standings"], no_progress).differences
    assert difference.problem == "differs"


def test_a_check_changes_nothing_and_a_rebuild_mends() -> None:
    Standing.objects.filter(pk=TALLIES[0]).update(total=99)
    events = Event.objects.count()
    check(projections["standings"], no_progress)
    assert Standing.objects.get(pk=TALLIES[0]).total == 99
    assert Event.objects.count() == events
    rebuild([projections["standings"]])
    assert differences("standings") == {}


def test_the_command_exits_with_3_and_names_the_rows() -> None:
    out = StringIO()
    call_command("check_projections", stdout=out)
    assert "DRIFTED" not in out.getvalue()
    Standing.objects.filter(pk=TALLIES[0]).update(total=99)
    with pytest.raises(SystemExit) as end:
        call_command("check_projections", "standings", stdout=out)
    assert end.value.code == 3
    assert f"{TALLIES[0]} differs; total is 99, should be 1" in out.getvalue()


def test_the_command_tells_it_as_json() -> None:
    out = StringIO()
    call_command("check_projections", "--json", "--sample", "9", stdout=out)
    assert {item["name"] for item in json.loads(out.getvalue())} == {"standings", "lines", "stream heads"}


def test_what_can_only_be_checked_whole_says_so() -> None:
    with pytest.raises(CommandError, match="leave --sample out"):
        call_command("check_projections", "grand", "--sample", "9")
    with pytest.raises(CommandError, match="at least 1"):
        call_command("check_projections", "--sample", "0")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_check_sees_one_moment_while_others_write() -> None:
    """With a view of its own for each statement, what is written meanwhile would look like drift."""
    written: list[Any] = []

    def write(_: int) -> None:
        written.append(at_once([lambda: execute(Count(TALLIES[0], 1), str(len(written)), actor="bob")]))

    from tests.torture.crowd import at_once

    assert not check(projections["standings"], write).found
    assert written
