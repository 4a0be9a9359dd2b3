"""`manage.py check_ledger`: compares the books with the log."""

import json
import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Sum
from tqdm import tqdm

from eventstore.models import Stream
from eventstore.personal import KeyedCommand
from projections.ledger.batches import ACCOUNT
from projections.ledger.check import MAX_WAIT_SECONDS, CannotCheck, check
from projections.ledger.findings import MAX_SHOWN, Findings


class Command(KeyedCommand):
    help = (
        "Check the books. Each account is folded anew from the amounts in its events, and held against its balance and "
        "what is held in it (as it is shown, in the stream's head, in the events), against its history, in which each "
        "balance must follow from the one before, against its open holds, its journal legs, and its statements, whose "
        "hashes are taken anew. Each currency's journal must sum to zero, and of each transfer what was sent must have "
        "been received. It sees one moment of the database while the site goes on, and nobody waits. Names the first "
        "differences, counts all, changes nothing. Exits with 0 if all is well, with 3 if anything differs, and with 1 "
        "if read models wait to be built. Wrong read models are mended with rebuild_projections; a statement that "
        "differs from the log, or a head, was changed by hand."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="tell it as JSON, without a progress bar")
        parser.add_argument(
            "--limit", type=int, default=MAX_SHOWN, metavar="N", help="differences to name; %(default)s"
        )
        parser.add_argument(
            "--wait",
            type=float,
            default=MAX_WAIT_SECONDS,
            metavar="SECONDS",
            help="how long the journal may take to catch up first; %(default)s",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["json"] or not (sys.stderr.isatty() or options["verbosity"] > 1)
        total = Stream.objects.filter(category=ACCOUNT).aggregate(events=Sum("version"))["events"] or 0
        try:
            with tqdm(total=total, unit=" events", unit_scale=True, disable=quiet) as bar:
                findings = check(limit=options["limit"], patience=options["wait"], progress=bar.update)
        except CannotCheck as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_as_json(findings) if options["json"] else self._as_text(findings))
        if findings.differences:
            raise SystemExit(3)

    def _as_text(self, found: Findings) -> str:
        lines = [
            f"Checked {found.accounts:,} accounts, {found.events:,} events, {found.entries:,} entries and "
            f"{found.statements:,} statements, up to position {found.position:,}."
        ]
        if found.unread:
            lines.append(f"The journal had not read {found.unread:,} events; what it will make of them was added.")
        if not found.differences:
            return "\n".join([*lines, self.style.SUCCESS("The books are right.")])
        lines += [f"{d.account}: {d.what} should be {d.expected}, and is {d.found}" for d in found.named]
        counts = ", ".join(f"{kind}: {count:,}" for kind, count in found.kinds.most_common())
        return "\n".join([*lines, self.style.ERROR(f"{found.differences:,} differences ({counts}).")])


def _as_json(found: Findings) -> str:
    report = {
        "position": found.position,
        "accounts": found.accounts,
        "events": found.events,
        "entries": found.entries,
        "statements": found.statements,
        "unread_by_journal": found.unread,
        "differences": found.differences,
        "kinds": dict(found.kinds),
        "first": [difference._asdict() for difference in found.named],
    }
    return json.dumps(report, indent=2)
