"""Checks a site after kills: `python -m tests.torture.fire.checker FOLDER BATCH [--all]` prints what it found, as JSON.

Nothing that was acknowledged may be lost or have happened twice, and each retry must be told the same. With `--all`
that is seen of each command and not only of recent ones, the read models are compared with a fresh rebuild, the books
are checked, and the log is verified. It goes page by page: a million commands take no more memory than a thousand.
"""

import io
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

import django

django.setup()

from django.core.management import call_command, get_commands  # noqa: E402 - needs the apps
from django.db.models import Count, Max  # noqa: E402 - likewise

from eventstore import feed  # noqa: E402 - likewise
from eventstore.execute import MAX_COMMANDS, Receipt  # noqa: E402 - likewise
from eventstore.models import Command, Event, Stream  # noqa: E402 - likewise
from eventstore.projecting import projections, wait_for  # noqa: E402 - likewise
from tests.torture.fire.answers import DIGITS, Answers  # noqa: E402 - likewise
from tests.torture.fire.bank import Bank, told  # noqa: E402 - likewise

RETRIES: Final = 200  # of each sender, one by one: the last ones, and as many at random
RECENT: Final = 20_000  # of each sender; those that are looked for between two kills
PAGE: Final = 5_000
PATIENCE_SECONDS: Final = 600.0  # for read models to catch up by themselves; no measure


def main(folder: Path, batch: int, *, everything: bool) -> dict[str, Any]:
    bank, answers = Bank.read(folder / "bank.json"), Answers.of_all(folder)
    report: dict[str, Any] = {"acknowledged": sum(map(len, answers))}
    report["lost"] = [each for own in answers for each in lost(bank, own, recent=None if everything else RECENT)]
    report["not_asked_for"] = not_asked_for(bank, answers, batch)
    report["retried"], report["told_otherwise"] = retries(bank, answers, everything=everything)
    report["caught_up"] = catch_up()
    if everything:
        report["wrong"] = [*disagreements(), *chaos_equals_rebuild()]
        report["commands"], report["events"] = Command.objects.count(), Event.objects.count()
    return report


def lost(bank: Bank, answers: Answers, *, recent: int | None) -> Iterator[str]:
    """Commands that were answered, and are not there; among the recent ones, or all."""
    for page in answers.pages(PAGE, first=0 if recent is None else len(answers) - recent):
        ids = {bank.command_id(answers.sender, number): number for number in page}
        found = set(Command.objects.filter(command_id__in=ids).values_list("command_id", flat=True))
        yield from (f"{answers.sender}-{number}" for command_id, number in ids.items() if command_id not in found)


def retries(bank: Bank, of_all: list[Answers], *, everything: bool) -> tuple[int, list[str]]:
    """Send commands again, one by one or all; how many, and those that were not told the same as before."""
    sent, otherwise = 0, list[str]()
    for answers in of_all:
        for numbers, receipts in sent_again(bank, answers, everything=everything):
            sent += len(numbers)
            for number, receipt, before in zip(numbers, receipts, answers.read(numbers), strict=True):
                if not receipt.replayed or told(receipt)[:DIGITS] != before:
                    otherwise.append(f"{answers.sender}-{number}")
    return sent, otherwise


def sent_again(bank: Bank, answers: Answers, *, everything: bool) -> Iterator[tuple[Sequence[int], list[Receipt]]]:
    """Receipts of retries: of the last commands and of some at random, each by itself; then of all, in batches."""
    count = len(answers)
    some = {*range(max(0, count - RETRIES), count), *Random(count).sample(range(count), min(RETRIES, count))}
    for number in sorted(some):
        yield [number], [bank.send(answers.sender, number)]
    for page in answers.pages(MAX_COMMANDS) if everything else ():
        yield page, bank.send_many(answers.sender, page)


def not_asked_for(bank: Bank, of_all: list[Answers], batch: int) -> int:
    """How many commands there are beyond those that were answered, and those that were under way."""
    next_ones = [
        bank.command_id(answers.sender, number)
        for answers in of_all
        for number in range(len(answers), len(answers) + batch)
    ]
    under_way = Command.objects.filter(command_id__in=next_ones)
    own = Command.objects.filter(type__in=["account.transfer", "account.deposit", "account.withdraw"])
    others = own.exclude(key__in=["", *_setup_keys(own, bank)]).count()
    return others - sum(map(len, of_all)) - under_way.count()


def _setup_keys(own: Any, bank: Bank) -> list[str]:
    """The keys of the first deposits, which are UUIDs."""
    return list(own.filter(recorded_at__lte=bank.now).values_list("key", flat=True))


def catch_up() -> bool:
    """Wait for the runner, which nobody tells to; whether it brings all delayed read models to the end of the log."""
    end = feed.advance(timeout=10).position
    return all(wait_for(end, each.name, PATIENCE_SECONDS) for each in projections.values() if each.delayed)


def disagreements() -> Iterator[str]:
    """Where commands, events and heads contradict each other."""
    counted = 0
    for page in pages_of_commands():
        positions = {position: str(command_id) for _number, command_id, own in page for position in own}
        counted += len(positions)
        events = Event.objects.filter(position__in=positions).values_list("position", "metadata__command_id")
        if dict(events) != positions:
            yield f"events of the commands {page[0][0]} to {page[-1][0]}"
    if counted != Event.objects.count():
        yield f"{Event.objects.count() - counted} events without a command"
    streams = Event.objects.values("stream_id").annotate(events=Count("position"), last=Max("version"))
    versions = {row["stream_id"]: row["last"] for row in streams if row["events"] == row["last"]}
    if versions != dict(Stream.objects.values_list("stream_id", "version")):
        yield "versions of streams"


def chaos_equals_rebuild() -> Iterator[str]:
    """Which checks of the product find something: read models against a fresh rebuild, books, and the whole log."""
    for name in ("check_projections", "check_ledger", *verification()):
        said = io.StringIO()
        try:
            call_command(name, stdout=said, stderr=said)
        except SystemExit as ended:
            if ended.code:
                yield f"{name}: {said.getvalue()[-2_000:]}"


def verification() -> list[str]:
    """The command that verifies the log, where there is one."""
    return [name for name in ("verify",) if name in get_commands()]


def pages_of_commands() -> Iterator[list[tuple[int, UUID, list[int]]]]:
    """All commands in the order of their numbers: number, id, and positions of the events."""
    rows, last = Command.objects.order_by("number").values_list("number", "command_id", "positions"), 0
    while page := list(rows.filter(number__gt=last)[:PAGE]):
        yield page
        last = page[-1][0]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), everything="--all" in sys.argv)))
