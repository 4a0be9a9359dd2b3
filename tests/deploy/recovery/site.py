"""A process of a site, which does what it reads, one line of JSON a task: `python -m tests.deploy.recovery.site`."""

import json
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from typing import Any, Final

import django

django.setup()

from django.core.management import CommandError, call_command  # noqa: E402 - needs the apps
from django.db import connection  # noqa: E402
from django.db.models import Max, Min, Sum  # noqa: E402

from eventstore.models import Checkpoint, Command, Epoch, Event  # noqa: E402
from projections.models import Account  # noqa: E402
from tests.factories import AccountFactory, DepositFactory, TransferFactory  # noqa: E402

CLOCK: Final = {"postgresql": "clock_timestamp()::text", "sqlite": "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"}


def install() -> None:
    """The tables, and two accounts with money."""
    call_command("migrate", verbosity=0)
    AccountFactory.create_batch(2, balance=1_000_000)


def write(transfers: int) -> None:
    """Money that is sent to and fro, and a little that is paid in."""
    one, other = Account.objects.order_by("opened_at")
    for number in range(transfers):
        TransferFactory.create(source=one, target=other, amount=1 + number)
        DepositFactory.create(account=other, amount=10)
        one, other = other, one


def state() -> dict[str, Any]:
    """Where the log ends, in the words of the log, of the command store and of read models; and the database's time."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CLOCK[connection.vendor]}")
        (now,) = cursor.fetchone()
    balances = Account.objects.order_by("opened_at").values_list("balance", flat=True)
    return {
        "now": now,
        "log": [
            *Event.objects.aggregate(last=Max("position"), versions=Sum("version")).values(),
            *Command.objects.aggregate(last=Max("number")).values(),
            *balances,
        ],
        "epoch": Epoch.objects.latest("epoch").epoch,
        "delayed": list(Checkpoint.objects.aggregate(least=Min("position"), most=Max("position")).values()),
    }


def manage(*arguments: str) -> tuple[int, str]:
    """The exit code of a command of manage.py, and what it prints."""
    printed = StringIO()
    try:
        with redirect_stdout(printed):
            call_command(*arguments, stdout=printed)
    except CommandError as error:
        return error.returncode, str(error)
    except SystemExit as end:
        return int(end.code or 0), printed.getvalue()
    return 0, printed.getvalue()


TASKS: Final[dict[str, Callable[..., Any]]] = {"install": install, "write": write, "state": state, "manage": manage}


def main() -> None:
    """Do each task that is read, and answer."""
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(TASKS[name](*arguments)), flush=True)  # noqa: T201 - what it answers


if __name__ == "__main__":
    main()
