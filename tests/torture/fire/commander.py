"""A program that sends commands until it is killed: `python -m tests.torture.fire.commander FOLDER SENDER [careless]`.

What was answered is written down at once, a line for each; after a kill it goes on after the last line, so that what
was under way is sent again under the same key, as a client does that got no answer. It goes on however often the
database fails it, and writes down how. With `careless`, it sends others beside them, under new keys.
"""

import os
import sys
import time
from pathlib import Path

import django

django.setup()

from django.db import DatabaseError, InterfaceError, connection  # noqa: E402 - needs the apps

from eventstore.errors import EventStoreError  # noqa: E402 - likewise
from eventstore.execute import Receipt, execute  # noqa: E402 - likewise
from tests.torture.fire.bank import Bank, told  # noqa: E402 - likewise

RETRY_SECONDS = 0.05  # between two attempts, so that a database that is down is not run over


def main(folder: Path, sender: int, *, careless: bool = False) -> None:
    bank, answers = Bank.read(folder / "bank.json"), folder / f"answers-{sender}"
    done = answers.read_bytes().count(b"\n") if answers.exists() else 0
    to = os.open(answers, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        receipts = send(bank, folder, sender, done)
        if careless:
            command, key, actor = bank.order(sender + 100, done)
            execute(command, f"{key} again", actor=actor)
        lines = [f"{number} {told(receipt)}\n" for number, receipt in enumerate(receipts, done)]
        os.write(to, "".join(lines).encode())
        done += len(receipts)


def send(bank: Bank, folder: Path, sender: int, first: int) -> list[Receipt]:
    """The receipts of the commands from this number on, sent as often as it takes."""
    while True:
        try:
            return bank.send_batch(sender, first)
        except (DatabaseError, InterfaceError, EventStoreError) as error:
            with (folder / "errors").open("a") as errors:
                errors.write(f"{type(error).__name__}: {' '.join(str(error).split())}\n")
            connection.close()
            time.sleep(RETRY_SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), careless="careless" in sys.argv[3:])
