"""What tests of `manage.py verify` do: write a log, run it, cut a log off."""

from io import StringIO
from pathlib import Path
from uuid import UUID

from django.core.management import call_command
from django.db import connection

from eventstore.execute import CommandRequest, execute_many
from eventstore.integrity.verify import Code, Place, Scope, verify
from eventstore.models import Command, Event, Verification
from tests.eventstore.sample import Count
from tests.torture.forgeries import lift_all_guards
from tests.torture.forgeries.tables import erase_rows, put_heads_back

TALLY, OTHER, PERSON = UUID(int=1), UUID(int=2), UUID(int=3)


def count(times: int = 1, begin: int = 0) -> None:
    execute_many(
        [
            CommandRequest(command=Count(TALLY, 1 if number % 2 else -1), key=f"key {number}", actor="ann")
            for number in range(begin + 1, begin + times + 1)
        ]
    )


def say(*arguments: str) -> tuple[int, str]:
    """The exit code of the command, and what it says."""
    output = StringIO()
    try:
        call_command("verify", *arguments, stdout=output, no_color=True)
    except SystemExit as stop:
        return int(str(stop.code)), output.getvalue()
    return 0, output.getvalue()


def found(seals: Path | None = None) -> list[tuple[Place, Code, int | None]]:
    """The faults, without those of guards that the test has lifted."""
    report = verify(Scope(seals=seals))
    return [(one.place, one.code, one.position) for one in report.faults.in_order() if one.code != Code.GUARD]


def forger_guards_do_not_count() -> None:
    """A clean whole run: the test's guards are lifted, which is a fault, so its record is written as such a run's."""
    verify()
    last = Verification.objects.order_by("-id")[0]
    Verification.objects.filter(pk=last.pk).update(faults=0, first_fault=None)


def cut_the_last_off() -> None:
    """Delete the last command with its event, as if it had never been."""
    lift_all_guards()
    last = Event.objects.order_by("-position")[0]
    erase_rows(Event, pk=last.pk)
    erase_rows(Command, positions=[last.pk])
    put_heads_back()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("UPDATE sqlite_sequence SET seq = seq - 1 WHERE name LIKE 'eventstore_%'")
        else:
            for name in ("event_position", "command_number"):
                cursor.execute(f"SELECT setval('eventstore_{name}_seq', currval('eventstore_{name}_seq') - 1)")
            cursor.execute("UPDATE eventstore_tidemark SET position = position - 1, number = number - 1")
