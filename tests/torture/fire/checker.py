"""Checks a site after kills: `python -m tests.torture.fire.checker FOLDER [--all]` prints what it found, as JSON.

Nothing that was acknowledged may be lost or have happened twice, and each retry must be told the same. With `--all` the
read models are compared with a fresh rebuild, the books are checked, and the log is verified.
"""

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

import django

django.setup()

from django.core.management import call_command, get_commands  # noqa: E402 - needs the apps
from django.db.models import Count, Max  # noqa: E402 - likewise

from eventstore import feed  # noqa: E402 - likewise
from eventstore.execute import command_id_of  # noqa: E402 - likewise
from eventstore.models import Command, Event, Stream  # noqa: E402 - likewise
from eventstore.projecting import projections, wait_for  # noqa: E402 - likewise
from tests.torture.fire.bank import BATCH, Bank, told  # noqa: E402 - likewise

RETRIES: Final = 200  # of each sender: the last ones, and as many at random
PAGE: Final = 5_000
PATIENCE_SECONDS: Final = 600.0  # for read models to catch up by themselves; no measure


def main(folder: Path, *, everything: bool) -> dict[str, Any]:
    bank, senders = Bank.read(folder / "bank.json"), sorted(folder.glob("answers-*"))
    acknowledged = {int(file.name.partition("-")[2]): answers(file) for file in senders}
    report: dict[str, Any] = {"acknowledged": sum(map(len, acknowledged.values()))}
    report["lost"] = lost(bank, acknowledged)
    report["retried"], report["told_otherwise"] = retries(bank, acknowledged)
    report["not_asked_for"] = not_asked_for(bank, acknowledged)
    report["caught_up"] = catch_up()
    if everything:
        report["wrong"] = [*disagreements(), *chaos_equals_rebuild()]
        report["commands"], report["events"] = Command.objects.count(), Event.objects.count()
    return report


def answers(file: Path) -> dict[int, str]:
    """What a sender was told, by number; a line that was cut by a kill was not read by anybody."""
    whole = [line.split() for line in file.read_text().splitlines(keepends=True) if line.endswith("\n")]
    return {int(number): digest for number, digest in whole}


def lost(bank: Bank, acknowledged: dict[int, dict[int, str]]) -> list[str]:
    """Commands that were answered, and are not there."""
    missing = []
    for sender, told_by in acknowledged.items():
        for page in pages(sorted(told_by)):
            ids = {command_id_of(bank.order(sender, number)[2], f"{sender}-{number}"): number for number in page}
            found = set(Command.objects.filter(command_id__in=ids).values_list("command_id", flat=True))
            missing += [f"{sender}-{number}" for command_id, number in ids.items() if command_id not in found]
    return missing


def retries(bank: Bank, acknowledged: dict[int, dict[int, str]]) -> tuple[int, list[str]]:
    """Send commands again; how many, and those that were not told the same as before."""
    otherwise, sent = [], 0
    for sender, told_by in acknowledged.items():
        numbers = sorted(told_by)
        chosen = {*numbers[-RETRIES:], *Random(sender).sample(numbers, min(RETRIES, len(numbers)))}
        for number in sorted(chosen):
            receipt, sent = bank.send(sender, number), sent + 1
            if not receipt.replayed or told(receipt) != told_by[number]:
                otherwise.append(f"{sender}-{number}")
    return sent, otherwise


def not_asked_for(bank: Bank, acknowledged: dict[int, dict[int, str]]) -> int:
    """How many commands there are beyond those that were answered, and those that were under way."""
    answered = sum(map(len, acknowledged.values()))
    next_ones = [(sender, range(len(told_by), len(told_by) + BATCH)) for sender, told_by in acknowledged.items()]
    under_way = Command.objects.filter(
        key__in=[f"{sender}-{each}" for sender, numbers in next_ones for each in numbers]
    )
    own = Command.objects.filter(type__in=["account.transfer", "account.deposit", "account.withdraw"])
    return own.exclude(key__in=["", *_setup_keys(own, bank)]).count() - answered - under_way.count()


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
    for page in pages(list(Command.objects.order_by("number").values_list("number", flat=True))):
        positions = {
            position: str(command_id)
            for command_id, own in Command.objects.filter(number__in=page).values_list("command_id", "positions")
            for position in own
        }
        counted += len(positions)
        events = Event.objects.filter(position__in=positions).values_list("position", "metadata__command_id")
        if dict(events) != positions:
            yield f"events of the commands {page[0]} to {page[-1]}"
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


def pages(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), PAGE):
        yield numbers[start : start + PAGE]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]), everything="--all" in sys.argv)))
