"""A rebuild, and the table that it replaced, against migrations that change the live table meanwhile or afterwards."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models

from eventstore.execute import execute
from eventstore.models import Projection, Shadow
from eventstore.projecting import rebuild as module
from eventstore.projecting import replay
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.inspect.statuses import status
from eventstore.projecting.rebuild import TableChanged, TableDoesNotFit, TableIsBound, rebuild, take_back
from eventstore.projecting.runner.runner import Runner
from tests.eventstore.sample import Count
from tests.eventstore.sample_projections import MODELS, Line, Standing

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sample")]

TALLY = UUID(int=1)
Change = Callable[[], None]


@pytest.fixture(autouse=True)
def history(sample: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, amount in enumerate([1, 2, 3]):
        execute(Count(TALLY, amount), str(number), actor="ann")
    Runner().catch_up()
    monkeypatch.setattr(replay, "PAGE", 1)
    monkeypatch.setattr(module, "MAX_RECORDS_LEFT", 0)


@pytest.fixture(autouse=True)
def tables_as_before(history: None) -> Iterator[None]:
    """What these tests do to tables is not for others."""
    yield
    for table in [name for name in names() if name.startswith("sample_") and "__" in name]:
        run(f'DROP TABLE "{table}"')
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.delete_model(model)
            editor.create_model(model)


def names() -> list[str]:
    return connection.introspection.table_names()


def run(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def columns(table: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        return {c.name: c.null_ok for c in connection.introspection.get_table_description(cursor, table)}


def field(name: str, kind: "models.Field[Any, Any]") -> "models.Field[Any, Any]":
    kind.set_attributes_from_name(name)
    kind.model = Line
    return kind


def add(name: str = "note", **options: Any) -> None:
    with connection.schema_editor() as editor:
        editor.add_field(Line, field(name, models.IntegerField(null=True, **options)))


def alter(kind: "models.Field[Any, Any]") -> None:
    with connection.schema_editor() as editor:
        editor.alter_field(Line, Line._meta.get_field("amount"), field("amount", kind))


def constrain(constraint: models.BaseConstraint) -> None:
    with mock.patch.object(Line._meta, "constraints", [constraint]), connection.schema_editor() as editor:
        editor.add_constraint(Line, constraint)


def add_key() -> None:
    constrain(models.UniqueConstraint(fields=["tally_id", "position"], name="sample_line_key"))


def add_check() -> None:
    constrain(models.CheckConstraint(condition=models.Q(amount__gt=-1000), name="sample_line_check"))


def rename() -> None:
    run("ALTER TABLE sample_line RENAME COLUMN amount TO quantity")


def drop() -> None:
    run("ALTER TABLE sample_line DROP COLUMN amount")


CHANGES = [
    pytest.param(add, id="a column is new"),
    pytest.param(lambda: alter(models.IntegerField()), id="a column has another type"),
    pytest.param(lambda: alter(models.BigIntegerField(null=True)), id="a column may be null"),
    pytest.param(lambda: alter(models.BigIntegerField(db_default=7)), id="a column has a default"),
    pytest.param(lambda: alter(models.BigIntegerField(unique=True)), id="a column is unique"),
    pytest.param(add_key, id="a key is new"),
    pytest.param(add_check, id="a check is new"),
]


def half_way() -> None:
    """Ended by what no handler catches, after the first batch: as if by a signal."""

    def end(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild([projections["lines"]], end)


def amounts() -> list[int]:
    return list(Line.objects.order_by("position").values_list("amount", flat=True))


@pytest.mark.parametrize("change", CHANGES)
def test_a_rebuild_that_was_interrupted_does_not_undo_a_migration(change: Change) -> None:
    half_way()
    change()
    before = columns("sample_line")
    assert rebuild([projections["lines"]]) in (2, 3)  # a key, or an index, can be given to the shadow that there is
    assert columns("sample_line") == before
    assert amounts() == [1, 2, 3]


def test_it_begins_anew_and_says_why(caplog: pytest.LogCaptureFixture) -> None:
    half_way()
    add()
    assert rebuild([projections["lines"]]) == 3
    assert "begins anew: the column note (integer" in caplog.text


def test_it_goes_on_where_only_an_index_is_new() -> None:
    half_way()
    run("CREATE INDEX sample_line_amounts ON sample_line (amount)")
    assert rebuild([projections["lines"]]) == 2
    with connection.cursor() as cursor:
        assert "sample_line_amounts" in connection.introspection.get_constraints(cursor, "sample_line")


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_replaced_before_a_migration_is_not_taken_back(change: Change) -> None:
    rebuild([projections["lines"]])
    change()
    before = columns("sample_line")
    with pytest.raises(CommandError, match=r"not like the live one.*rebuild_projections"):
        call_command("rebuild_projections", "lines", "--take-back")
    assert columns("sample_line") == before
    assert dict(Shadow.objects.values_list("projection_id", "role")) == {"lines": "old"}
    assert "sample_line__old" in names()
    assert amounts() == [1, 2, 3]


def test_the_refusal_names_the_difference() -> None:
    rebuild([projections["lines"]])
    add()
    with pytest.raises(TableDoesNotFit, match=r"the column note \(integer.* is missing"):
        take_back(projections["lines"])


def test_nothing_is_taken_back_if_one_of_several_can_not_be() -> None:
    rebuild([projections["standings"], projections["lines"]])
    Standing.objects.update(total=99)
    add()
    with pytest.raises(CommandError):
        call_command("rebuild_projections", "standings", "lines", "--take-back")
    assert Standing.objects.get().total == 99


def test_a_migration_during_a_rebuild_wins() -> None:
    pages = list[int]()

    def migrate(_: int) -> None:
        pages.append(1)
        if len(pages) == 2:
            add()

    with pytest.raises(TableChanged, match="note"):
        rebuild([projections["lines"]], migrate)
    assert "note" in columns("sample_line")
    assert not Shadow.objects.exists()
    assert rebuild([projections["lines"]]) == 3


def test_an_index_that_goes_during_a_rebuild_stays_away() -> None:
    run("CREATE INDEX sample_line_amounts ON sample_line (amount)")
    rebuild([projections["lines"]])
    run("DROP INDEX sample_line_amounts")
    with connection.cursor() as cursor:
        before = connection.introspection.get_constraints(cursor, "sample_line").keys()
        rebuild([projections["lines"]])
        assert connection.introspection.get_constraints(cursor, "sample_line").keys() == before


def state(name: str) -> str:
    return next(each.state for each in status() if each.name == name)


def test_rows_that_are_taken_back_keep_the_version_that_made_them() -> None:
    """The code is newer, so they are stale, and --stale builds them anew."""
    newer = replace(projections["lines"], version=2)
    projections["lines"] = newer
    assert state("lines") == "stale"
    rebuild([newer])
    assert state("lines") == "live"
    take_back(newer)
    assert Projection.objects.get(name="lines").version == 1
    assert state("lines") == "stale"
    assert Shadow.objects.get().version == 2
    take_back(newer)
    assert state("lines") == "live"
    assert amounts() == [1, 2, 3]


@pytest.mark.parametrize(
    "options", [["rebuild_projections"], ["rebuild_projections", "--dry-run"], ["check_projections"]]
)
@pytest.mark.parametrize("change", [rename, drop, lambda: run("ALTER TABLE sample_line RENAME TO sample_other")])
def test_a_table_that_is_behind_its_model_is_refused_with_the_next_step(options: list[str], change: Change) -> None:
    change()
    try:
        with pytest.raises(CommandError, match=r"sample_line of Line .*manage.py migrate"):
            call_command(options[0], "lines", *options[1:], stdout=StringIO())
    finally:
        if "sample_other" in names():
            run("ALTER TABLE sample_other RENAME TO sample_line")


def test_so_is_one_that_needs_a_column_which_the_model_does_not_have() -> None:
    run("ALTER TABLE sample_line ADD COLUMN note integer NOT NULL DEFAULT 1")
    assert rebuild([projections["lines"]]) == 3
    assert run("SELECT DISTINCT note FROM sample_line") == [(1,)]
    if connection.vendor == "postgresql":
        run("ALTER TABLE sample_line ALTER COLUMN note DROP DEFAULT")
        with pytest.raises(TableDoesNotFit, match="needs a value for note"):
            rebuild([projections["lines"]])


REFERENCE = "CREATE TABLE sample_bound (line bigint REFERENCES sample_line (position))"
TRIGGERS = {
    "sqlite": "CREATE TRIGGER sample_bound AFTER INSERT ON sample_line BEGIN SELECT 1; END",
    "postgresql": "CREATE TRIGGER sample_bound BEFORE INSERT ON sample_line "
    "EXECUTE FUNCTION eventstore_refuse_change()",
}
BOUND: dict[str, str | dict[str, str]] = {
    "table": REFERENCE,
    "view": "CREATE VIEW sample_bound AS SELECT amount FROM sample_line",
    "trigger": TRIGGERS,
}


@pytest.mark.parametrize("kind", BOUND)
def test_a_table_on_which_something_else_depends_is_not_exchanged(kind: str) -> None:
    """It would go on with the replaced table: an insert fails there, a view shows old rows for ever."""
    statement = BOUND[kind]
    rebuild([projections["lines"]])
    run(statement if isinstance(statement, str) else statement[connection.vendor])
    try:
        with pytest.raises(TableIsBound, match=r"depends: .*sample_bound.*create them again"):
            rebuild([projections["lines"]])
        with pytest.raises(TableIsBound, match="sample_bound"):
            take_back(projections["lines"])
    finally:
        run(f"DROP {kind} sample_bound {'ON sample_line' if connection.vendor[0] + kind == 'ptrigger' else ''}")
    rebuild([projections["lines"]])
    assert not [name for name in names() if name.endswith("__new")]


def test_so_is_one_that_became_bound_during_the_rebuild() -> None:
    def bind(_: int) -> None:
        if "sample_bound" not in connection.introspection.table_names(include_views=True):
            run("CREATE VIEW sample_bound AS SELECT amount FROM sample_line")

    try:
        with pytest.raises(TableIsBound, match="sample_bound"):
            rebuild([projections["lines"]], bind)
    finally:
        run("DROP VIEW sample_bound")


KEPT = """
SELECT obj_description(oid), reloptions,
    (SELECT count(*) FROM pg_attribute WHERE attrelid = pg_class.oid AND attacl IS NOT NULL)
FROM pg_class WHERE relname = 'sample_line'
"""
MAY = """
SELECT has_column_privilege('pg_monitor', 'sample_line', 'amount', 'SELECT'),
    has_table_privilege('pg_monitor', 'sample_line', 'INSERT')
"""


@pytest.mark.postgresql
def test_rights_comments_and_storage_are_those_of_the_live_table() -> None:
    """What was taken from a role meanwhile does not come back with the replaced table."""
    run("GRANT SELECT (amount) ON sample_line TO PUBLIC")
    run("COMMENT ON TABLE sample_line IS 'it''s lines'")
    run("ALTER TABLE sample_line SET (fillfactor = 70)")
    rebuild([projections["lines"]])
    assert run(KEPT) == [("it's lines", ["fillfactor=70"], 1)]
    run("REVOKE ALL ON sample_line FROM PUBLIC")
    run("GRANT INSERT ON sample_line TO PUBLIC")
    take_back(projections["lines"])
    assert run(MAY) == [(False, True)]
