"""Sends commands until it is killed: `python -m tests.torture.fire.commander FOLDER SENDER BATCH [careless]`.

What was answered is written down at once, a line for each; after a kill it goes on after the last line, so that what
was under way is sent again under the same key, as a client does that got no answer. It goes on however often the
database fails it, and writes down how. With `careless`, it sends others beside them, under new keys.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

django.setup()

from django.db import DatabaseError, InterfaceError, connection  # noqa: E402 - needs the apps

from eventstore.errors import EventStoreError  # noqa: E402 - likewise
from eventstore.execute import Receipt, execute  # noqa: E402 - likewise
from tests.torture.fire.answers import Answers, written  # noqa: E402 - likewise
from tests.torture.fire.bank import Bank, told  # noqa: E402 - likewise

RETRY_SECONDS = 0.05  # between two attempts, so that a database that is down is not run over


def main(folder: Path, sender: int, batch: int, *, careless: bool = False) -> None:
    bank, answers = Bank.read(folder / "bank.json"), Answers(folder, sender)
    to, done = answers.open(), len(answers)
    while True:
        receipts = answered(lambda: bank.send_next(sender, done, batch), folder)  # noqa: B023 - called at once
        if careless:
            command, key, actor = bank.order(sender + 100, done)
            execute(command, f"{key} again", actor=actor)
        written(to, [told(receipt) for receipt in receipts])
        done += len(receipts)


def answered(send: Callable[[], list[Receipt]], folder: Path) -> list[Receipt]:
    """The receipts of commands that are sent as often as it takes."""
    while True:
        try:
            return send()
        except (DatabaseError, InterfaceError, EventStoreError) as error:
            with (folder / "errors").open("a") as errors:
                errors.write(f"{type(error).__name__}: {' '.join(str(error).split())}\n")
            connection.close()
            time.sleep(RETRY_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), careless="careless" in sys.argv[4:])
