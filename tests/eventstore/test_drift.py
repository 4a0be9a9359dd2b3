"""Live rows are compared with a fresh replay, and what differs is named."""

import json
import random
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from eventstore import feed
from eventstore.execute import execute
from eventstore.models import Event, Stream
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect.drift import check, check_heads, check_sample
from eventstore.projecting.rebuild import rebuild
from eventstore.projecting.runner.runner import Runner
from eventstore.projecting.tables import comparison
from eventstore.projecting.tables.table import Table
from tests.eventstore.sample import Clear, Count
from tests.eventstore.sample_projections import UNLUCKY, Asked, Line, Standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

TALLIES = [UUID(int=number) for number in range(1, 6)]


@pytest.fixture(autouse=True)
def history(sample: None) -> None:
    for number, tally_id in enumerate(TALLIES):
        execute(Count(tally_id, 1 + number), f"count {number}", actor="ann")
    execute(Clear(TALLIES[4]), "clear", actor="ann")
    Runner().catch_up()


def differences(name: str) -> dict[str, tuple[str, dict[str, Any]]]:
    (found,) = check([projections[name]])
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


def test_a_stream_without_a_head_is_named() -> None:
    Stream.objects.filter(stream_id=TALLIES[0]).delete()
    (difference,) = check_heads(50, random.Random(1)).differences
    assert (difference.key, difference.problem) == (str(TALLIES[0]), "has no head")


def test_only_so_many_differences_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "MAX_DIFFERENCES", 2)
    Standing.objects.update(total=99)
    (found,) = check([projections["standings"]])
    assert (len(found.differences), found.differing) == (2, 4)
    assert {difference.problem for difference in found.differences} == {"differs"}


def test_a_row_that_differs_is_not_taken_for_a_missing_one_where_many_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database may name other rows of the one table than of the other, where it names only some."""
    of_all = Table.rows_not_in

    def opposite_ends(table: Table, other: Table, limit: int) -> list[Any]:
        rows = sorted(of_all(table, other, 99), key=lambda row: str(row.pk), reverse=table.name.endswith("__check"))
        return rows[:limit]

    monkeypatch.setattr(Table, "rows_not_in", opposite_ends)
    monkeypatch.setattr(comparison, "MAX_DIFFERENCES", 1)
    for number, tally_id in enumerate(TALLIES[:4]):
        Standing.objects.filter(pk=tally_id).update(total=90 - number)  # in the opposite order
    (difference,) = check([projections["standings"]])[0].differences
    assert difference.problem == "differs"


def test_a_check_changes_nothing_and_a_rebuild_mends() -> None:
    Standing.objects.filter(pk=TALLIES[0]).update(total=99)
    events = Event.objects.count()
    check([projections["standings"]])
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


def test_a_parked_stream_is_named_and_is_no_drift() -> None:
    execute(Count(TALLIES[0], UNLUCKY), "unlucky", actor="ann")
    execute(Count(TALLIES[0], 2), "after it", actor="ann")
    Runner(["lines"]).catch_up()
    out = StringIO()
    call_command("check_projections", "lines", stdout=out)
    assert "as the log says" in out.getvalue()
    position = Event.objects.get(data__amount=UNLUCKY).position
    assert f"parked: tally:{TALLIES[0]}, from position {position}" in out.getvalue()
    assert not check_sample(projections["lines"], 50, random.Random(1)).found


def test_a_sample_reads_no_more_than_its_streams(django_assert_max_num_queries: Any) -> None:
    """However long the log is: each stream is found by one look into an index, and read by itself."""
    with django_assert_max_num_queries(40):
        check_sample(projections["standings"], 3, random.Random(1))
        check_heads(3, random.Random(1))


def test_all_are_checked_in_one_pass_over_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    pages, between = list[Any](), feed.between

    def counted(*args: Any, **more: Any) -> Any:
        pages.append(args)
        return between(*args, **more)

    monkeypatch.setattr(feed, "between", counted)
    assert not any(drift.found for drift in check(list(projections.values())))
    assert len(pages) == 2  # one with events, one without


def test_the_command_prints_json() -> None:
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

    from tests.torture.threads import at_once

    assert not check([projections["standings"]], write)[0].found
    assert written
