"""The tables of a rebuild: the new one beside the live one, and the old one until it is dropped or taken back."""

import json
from dataclasses import replace
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from eventstore.backends import store
from eventstore.execute import execute
from eventstore.models import Parked, Projection, Shadow
from eventstore.projecting import rebuild as module
from eventstore.projecting import replay
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.rebuild import discard, rebuild, take_back
from eventstore.projecting.runner.runner import Runner
from tests.eventstore import sample_projections
from tests.eventstore.sample import Count
from tests.eventstore.sample_projections import UNLUCKY, Grand, Line, Standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample")]

TALLY = UUID(int=1)


def count(*amounts: int) -> None:
    for amount in amounts:
        execute(Count(TALLY, amount), str(Standing.objects.count()) + str(total()), actor="ann")


def total() -> int:
    row = Standing.objects.first()
    return row.total if row else 0


def tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.startswith("sample_")}


def constraints() -> dict[str, Any]:
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, Line._meta.db_table)


def shadows() -> dict[str, str]:
    return dict(Shadow.objects.values_list("projection_id", "role"))


def test_the_replaced_table_stays_until_it_is_dropped() -> None:
    count(1, 2)
    Standing.objects.update(total=99)
    rebuild([projections["standings"]])
    assert total() == 3
    assert shadows() == {"standings": "old"}
    assert "sample_standing__old" in tables()
    call_command("rebuild_projections", "standings", "--drop-old", stdout=StringIO())
    assert shadows() == {}
    assert "sample_standing__old" not in tables()


def test_what_was_replaced_is_taken_back_with_what_has_happened_since() -> None:
    count(1, 2)
    Standing.objects.update(total=50)
    rebuild([projections["standings"]])
    Projection.objects.update(version=1)
    count(4)
    before = total()
    take_back(projections["standings"])
    assert before == 7
    assert total() == 7  # folded from the event, which tells the total: the repaired row
    assert shadows() == {"standings": "old"}


def test_rows_of_the_old_table_survive_being_taken_back() -> None:
    count(1, 2)
    Runner().catch_up()
    rebuild([projections["lines"]])
    count(3)
    take_back(projections["lines"])
    assert list(Line.objects.order_by("pk").values_list("amount", flat=True)) == [1, 2, 3]


def test_what_the_replaced_table_had_not_read_yet_is_there_when_it_is_taken_back() -> None:
    """Its runner was behind: the table's rows continue from the runner's position, not from the rebuild's."""
    count(1)
    Runner().catch_up()
    count(2)
    rebuild([projections["lines"], projections["grand"]])
    for name in ("lines", "grand"):
        take_back(projections[name])
    assert list(Line.objects.order_by("pk").values_list("amount", flat=True)) == [1, 2]
    assert Grand.objects.get().order == "1 2 "


def test_a_replaced_table_with_personal_data_is_dropped() -> None:
    """A replaced table would not learn that a person was erased."""
    count(1, 2)
    rebuild([replace(projections["standings"], personal=True)])
    assert shadows() == {}
    assert "sample_standing__old" not in tables()


def test_a_replaced_table_that_lacks_rows_is_dropped() -> None:
    """A new projection on an old log has no rows worth going back to; one with a parked stream lacks some."""
    count(1)
    Projection.objects.filter(name="standings").update(is_live=False)
    rebuild([projections["standings"]])
    Parked.objects.create(projection_id="lines", category="tally", stream_id=TALLY, position=1, type="x", error="x")
    rebuild([projections["lines"]])
    assert shadows() == {}
    assert not {"sample_standing__old", "sample_line__old"} & tables()


def test_what_was_parked_goes_on_after_a_rebuild_that_could_digest_it(monkeypatch: pytest.MonkeyPatch) -> None:
    count(UNLUCKY)
    Runner(["lines"]).catch_up()
    assert Parked.objects.filter(projection_id="lines").exists()
    monkeypatch.setattr(sample_projections, "UNLUCKY", 14)
    rebuild([projections["lines"]])
    assert not Parked.objects.exists()
    count(2)
    Runner(["lines"]).catch_up()
    assert list(Line.objects.order_by("pk").values_list("amount", flat=True)) == [UNLUCKY, 2]


def run_rebuild(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("rebuild_projections", *arguments, "--json", stdout=out)
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


def test_with_stale_only_stale_and_unbuilt_projections_are_rebuilt() -> None:
    count(1, 2)
    Runner().catch_up()
    assert run_rebuild("--stale") == {"projections": [], "records": 0, "seconds": 0.0}
    Projection.objects.filter(name="lines").update(version=0)
    Projection.objects.filter(name="standings").update(is_live=False)
    assert run_rebuild("--stale", "lines")["projections"] == ["lines"]
    assert run_rebuild("--stale")["projections"] == ["standings"]
    out = StringIO()
    call_command("rebuild_projections", "--stale", stdout=out)
    assert "Nothing to do" in out.getvalue()


def test_a_dry_run_reports_which_rows_would_differ_and_changes_nothing() -> None:
    count(1, 2)
    Runner().catch_up()
    Standing.objects.update(total=99)
    before = tables()
    report = run_rebuild("--dry-run")
    assert report["records"] == 2 + 2  # events and commands
    assert report["seconds"] > 0
    found = {drift["name"]: drift for drift in report["projections"]}
    assert {name: drift["differing"] for name, drift in found.items()} == {
        "asked": 0, "grand": 0, "lines": 0, "standings": 1,
    }  # fmt: skip
    assert found["standings"]["differences"][0]["columns"] == {"total": ["99", "3"]}
    assert total() == 99
    assert tables() == before
    assert shadows() == {}


def test_a_dry_run_is_reported_in_words() -> None:
    count(1, 2)
    Standing.objects.update(total=99)
    out = StringIO()
    call_command("rebuild_projections", "--dry-run", "standings", stdout=out)
    assert "1 rows, of which 1 would change" in out.getvalue()
    assert f"{TALLY} differs; total is 99, should be 3" in out.getvalue()
    assert "Reading 2 records takes about" in out.getvalue()


def test_indexes_that_are_made_last_are_there_before_the_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether or not an attempt that was killed has made some of them."""
    count(1)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX sample_line_some ON sample_line (amount) WHERE amount > 5")
        cursor.execute("CREATE UNIQUE INDEX sample_line_unique ON sample_line (tally_id, position)")
    before = constraints()
    monkeypatch.setattr(replay, "PAGE", 1)
    half_way(monkeypatch)
    lines = projections["lines"]
    for _ in range(2):
        store(connection).complete_like(lines.table.name, lines.table.beside("new").name)
    rebuild([lines])
    assert constraints() == before


def test_without_an_old_table_there_is_nothing_to_take_back() -> None:
    with pytest.raises(CommandError, match="No old table is kept of lines"):
        call_command("rebuild_projections", "lines", "--take-back")


def test_rebuilding_twice_works_as_once() -> None:
    count(1, 2)
    for _ in range(3):
        rebuild(list(projections.values()))
    assert total() == 3
    assert set(shadows().values()) == {"old"}


def test_keys_and_indexes_keep_their_names() -> None:
    """A later migration finds keys and indexes by their names."""
    count(1)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX sample_line_amounts ON sample_line (amount, tally_id)")
    before = constraints()
    rebuild([projections["lines"]])
    take_back(projections["lines"])
    assert constraints() == before


@pytest.mark.postgresql
def test_permissions_survive_a_rebuild() -> None:
    with connection.cursor() as cursor:
        cursor.execute("GRANT SELECT ON sample_line TO PUBLIC")
        rebuild([projections["lines"]])
        cursor.execute("SELECT has_table_privilege('postgres', 'sample_line', 'SELECT')")
        cursor.execute("SELECT relacl::text LIKE '%%=r/%%' FROM pg_class WHERE relname = 'sample_line'")
        assert cursor.fetchone() == (True,)


def test_an_unfinished_rebuild_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    count(1, 2, 3)
    monkeypatch.setattr(replay, "PAGE", 1)
    monkeypatch.setattr(module, "MAX_RECORDS_LEFT", 0)
    half_way(monkeypatch)
    assert shadows() == {"lines": "new"}
    assert rebuild([projections["lines"]]) == 2
    assert Line.objects.count() == 3


def test_what_another_version_of_the_projector_has_begun_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    count(1, 2, 3)
    monkeypatch.setattr(replay, "PAGE", 1)
    monkeypatch.setattr(module, "MAX_RECORDS_LEFT", 0)
    half_way(monkeypatch)
    Shadow.objects.update(version=0)
    assert rebuild([projections["lines"]]) == 3


def half_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ended by what no handler catches, after the first batch: as if by a signal."""

    def end(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild([projections["lines"]], end)


def test_an_unfinished_rebuild_can_be_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    count(1, 2)
    monkeypatch.setattr(replay, "PAGE", 1)
    monkeypatch.setattr(module, "MAX_RECORDS_LEFT", 0)
    half_way(monkeypatch)
    assert discard([projections["lines"]]) == ["lines"]
    assert tables() == {"sample_standing", "sample_line", "sample_asked", "sample_grand"}


def test_a_projector_that_raises_leaves_no_shadow_behind() -> None:
    count(UNLUCKY)
    with pytest.raises(ArithmeticError):
        rebuild([projections["lines"]])
    assert shadows() == {}
    assert "sample_line__new" not in tables()
