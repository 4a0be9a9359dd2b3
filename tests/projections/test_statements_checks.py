"""`check` and `doctor` report a missing trigger of the issued statements."""

import pytest
from django.core.checks import CheckMessage, Tags, run_checks
from django.db import OperationalError, connection

from eventstore.checks.doctor.examinations import guards
from eventstore.checks.doctor.findings import Level
from projections.statements.checks import GUARD_TRIGGERS, check_statements

pytestmark = pytest.mark.django_db

MISSING = "projections.E001"


def complaints() -> list[CheckMessage]:
    return [message for message in run_checks(tags=[Tags.database], databases=["default"]) if message.id == MISSING]


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_guards_stand() -> None:
    assert complaints() == []


@pytest.mark.sqlite
@pytest.mark.parametrize("name", sorted(GUARD_TRIGGERS["sqlite"]))
def test_a_guard_that_is_gone_is_found(name: str) -> None:
    run(f"DROP TRIGGER {name}")
    (found,) = complaints()
    assert name in found.msg


@pytest.mark.postgresql
@pytest.mark.parametrize("change", ["DROP TRIGGER {} ON {}", "ALTER TABLE {1} DISABLE TRIGGER {0}"])
def test_a_guard_that_is_gone_or_off_is_found(change: str) -> None:
    run(change.format("append_only", "projections_statement"))
    (found,) = complaints()
    assert "append_only" in found.msg


@pytest.mark.postgresql
def test_a_guard_that_does_not_hold_for_replication_roles_is_found() -> None:
    run("ALTER TABLE projections_statement ENABLE TRIGGER append_only")
    assert len(complaints()) == 1


def test_the_doctor_finds_it_too() -> None:
    of = {"postgresql": " ON projections_statement", "sqlite": ""}[connection.vendor]
    run(f"DROP TRIGGER {min(GUARD_TRIGGERS[connection.vendor])}{of}")
    (found,) = guards()
    assert (found.level, "projections_statement" in found.says) == (Level.ACT, True)


def test_before_there_is_a_table_there_is_nothing_to_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.introspection, "table_names", list)
    assert check_statements(["default"]) == []


def test_a_database_that_is_down_is_for_others_to_complain_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    assert check_statements(["default"]) == []
