"""The check of the books: each account is folded anew from its events, and everything else is compared with that.

It is one pass over the events and one over the entries, account by account, in bounded memory, and it reads one
snapshot of the database: real-time read models and heads commit with their events, so in any snapshot they must agree.
The journal is delayed, so the legs of events that it has not read by then are added as it will make them.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Final
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Exists, OuterRef

from eventstore import feed, log
from eventstore.log import Head, primary_rows
from eventstore.models import Stream
from eventstore.projecting import projections, wait_for
from eventstore.projecting.inspect import only_stale
from projections.ledger.batches import ACCOUNT, Batch, batches, state_of
from projections.ledger.findings import MAX_SHOWN, Findings
from projections.ledger.fold import Fold
from projections.ledger.journal import JOURNAL, check_currencies, unread_legs
from projections.ledger.lines import LineCheck
from projections.models import Account, Entry, Statement
from projections.statements.calendar import issued_spans
from projections.statements.months import Line, Month, compute_months
from projections.sums import SIGNED, ZERO_SUM, sum_of, sum_parts

MAX_WAIT_SECONDS: Final = 10.0  # for the journal to catch up
COMPARED: Final = ("accounts", "entries", "holds", JOURNAL)  # the read models that the check reads

Progress = Callable[[int], object]

logger = logging.getLogger(__name__)


class CannotCheck(Exception):
    """Read models wait for a rebuild: they are known to be wrong."""


def check(
    *, limit: int = MAX_SHOWN, patience: float = MAX_WAIT_SECONDS, progress: Progress = lambda _: None
) -> Findings:
    """Compares the books with the log; the first `limit` differences are named, all are counted.

    Waits up to `patience` seconds for the journal. Calls `progress` with the number of events that were read. Raises
    CannotCheck.
    """
    if stale := only_stale([projections[name] for name in COMPARED]):
        names = " ".join(projection.name for projection in stale)
        raise CannotCheck(f"Build them first: manage.py rebuild_projections {names}.")
    wait_for(feed.advance().position, JOURNAL, patience)
    findings = Findings(limit)
    with log.snapshot():
        _Check(findings).run(progress)
    return findings


class _Check:
    """One run; it carries from account to account only what concerns all of them."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.on_accounts: dict[str, int] = defaultdict(int)  # the journal's sum over known accounts, by currency

    def run(self, progress: Progress) -> None:
        """Compares each account, then currencies and transfers, then looks for rows without an account."""
        end = feed.last_drawn().position
        self.unread = unread_legs(end, self.findings)
        for batch in batches():
            for account_id, head in batch.heads.items():
                self._account(account_id, head, batch)
                progress(head.version)
        check_currencies(self.on_accounts, self.findings)
        self._transfers()
        self._unknown_accounts()

    def _account(self, account_id: UUID, head: Head, batch: Batch) -> None:
        """Compares one account; whatever is wrong with it is a difference, and the others are compared all the same."""
        if account := batch.accounts.get(account_id):
            self.on_accounts[account.currency] += batch.legs.get(str(account_id), 0)
        try:
            self._compare(account_id, head, batch)
        except DatabaseError:
            raise
        except Exception as error:
            logger.exception("The account %s can't be checked.", account_id)
            self.findings.compare(account_id, "account that can't be checked", None, repr(error))

    def _compare(self, account_id: UUID, head: Head, batch: Batch) -> None:
        findings, fold = self.findings, Fold(account_id, self.findings)
        lines = LineCheck(account_id, fold.movements(batch.events.get(account_id, ())), findings)
        compared = lines.compared(batch.lines.get(account_id, ()))
        account = batch.accounts.get(account_id)
        if account is not None:
            self._statements(account, batch.statements.get(account_id, ()), compared)
        for _ in compared:
            pass  # the lines that no statement has read: each is compared as it is read
        self._sums(account_id, head, fold, batch)
        findings.compare(account_id, "balance of the last entry", fold.balance, lines.balance)
        findings.accounts += 1
        findings.events += fold.events
        findings.entries += lines.count
        findings.position = max(findings.position, fold.position)

    def _sums(self, account_id: UUID, head: Head, fold: Fold, batch: Batch) -> None:
        findings, account, state = self.findings, batch.accounts.get(account_id), state_of(head)
        findings.compare(account_id, "events of the head", fold.events, head.version)
        findings.compare(account_id, "balance of the head", fold.balance, state.balance)
        findings.compare(account_id, "held by the head", fold.held, state.held)
        findings.compare(account_id, "balance of the account", fold.balance, account and account.balance)
        findings.compare(account_id, "held by the account", fold.held, account and account.held)
        findings.compare(account_id, "sum of open holds", fold.held, batch.holds.get(account_id, 0))
        legs = batch.legs.get(str(account_id), 0)
        findings.compare(account_id, "sum of journal legs", fold.balance, legs + self.unread.get(str(account_id), 0))

    def _statements(self, account: Account, statements: Sequence[Statement], lines: Iterable[Line]) -> None:
        """Computes each issued month anew; so the closing balance of one is also the opening balance of the next."""
        if not statements:
            return
        issued = {statement.number: Month.from_statement(statement) for statement in statements}
        self.findings.statements += len(issued)
        for one, following in pairwise(statements):
            self.findings.compare(
                account.account_id, "begin of statement", one.ends_at, following.begins_at, at=following.period
            )
        for month in compute_months(account, lines, issued_spans(statements)):
            found = issued.get(month.number)
            if found is None:
                self.findings.compare(account.account_id, "statement", "issued", None, at=month.period)
                continue
            for name, (expected, stated) in month.differences(found).items():
                self.findings.compare(
                    account.account_id, f"{name} of statement", _plain(expected), _plain(stated), at=month.period
                )

    def _transfers(self) -> None:
        """Compares the sums sent and received of each transfer, reversals included, in each currency."""
        legs = primary_rows(Entry).filter(transfer_id__isnull=False).values("transfer_id", "currency")
        for row in legs.annotate(**sum_parts(SIGNED)).exclude(**ZERO_SUM).order_by("transfer_id").iterator():
            self.findings.compare(
                f"transfer:{row['transfer_id']}", "sent less received", 0, -sum_of(row), at=f"in {row['currency']}"
            )

    def _unknown_accounts(self) -> None:
        """Finds rows of accounts that were never opened."""
        stream = primary_rows(Stream).filter(category=ACCOUNT, stream_id=OuterRef("account_id"))
        for model in (Account, Entry, Statement):
            unknown = primary_rows(model).filter(~Exists(stream)).values_list("account_id", flat=True)
            for account_id in unknown.order_by("account_id").distinct().iterator():
                self.findings.compare(account_id, f"{model._meta.model_name} without a stream", None, "is there")


def _plain(value: object) -> object:
    """A value as people write it: hashes in hexadecimal, ids as text."""
    return value.hex() if isinstance(value, bytes) else value if not isinstance(value, UUID) else str(value)
