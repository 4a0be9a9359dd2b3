"""Checking the books: each account is folded anew from its events, and everything else is held against that.

It is one pass over the events and one over the entries, account by account, in bounded memory, and it sees one moment
of the database: real-time read models and heads commit with their events, so at any moment they must agree. What the
journal, which follows later, has not read by then, is added as it will be.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef

from eventstore import feed, log
from eventstore.log import Head, current_rows
from eventstore.models import Stream
from eventstore.projecting import wait_for
from eventstore.projecting.inspect.selection import only_stale, select
from projections.ledger.batches import ACCOUNT, Batch, batches, state_of
from projections.ledger.findings import MAX_SHOWN, Findings
from projections.ledger.fold import Fold, Movement
from projections.ledger.journal import JOURNAL, check_currencies, unread_legs
from projections.models import Account, Entry, Statement
from projections.statements.months import KEPT, Line, Month, reckon
from projections.sums import SIGNED, halves, whole

MAX_WAIT_SECONDS: Final = 10.0  # seconds that the journal is waited for
READ_BY_CHECK: Final = ("accounts", "entries", "holds", JOURNAL)
NOTHING: Final = {"upper": 0, "lower": 0}  # a sum of zero, by its halves

Progress = Callable[[int], object]


class CannotCheck(Exception):
    """Read models wait to be built: they are known to be wrong."""


def check(
    *, limit: int = MAX_SHOWN, patience: float = MAX_WAIT_SECONDS, progress: Progress = lambda _: None
) -> Findings:
    """Hold the books against the log, and name what differs; `progress` is told how many events were read.

    Raises CannotCheck.
    """
    if stale := only_stale(select(READ_BY_CHECK)):
        names = " ".join(projection.name for projection in stale)
        raise CannotCheck(f"Build them first: manage.py rebuild_projections {names}.")
    wait_for(feed.advance().position, JOURNAL, patience)
    findings = Findings(limit)
    with log.snapshot():
        _Check(findings).run(progress)
    return findings


class _Check:
    """What one run remembers from account to account."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.on_accounts: dict[str, int] = defaultdict(int)  # what the journal has on all of them, by currency

    def run(self, progress: Progress) -> None:
        """All accounts, then what concerns more than one."""
        end = feed.last_drawn().position
        self.unread = unread_legs(end, self.findings)
        for batch in batches():
            for account_id, head in batch.heads.items():
                self._account(account_id, head, batch)
                progress(head.version)
        check_currencies(self.on_accounts, self.findings)
        self._transfers()
        self._strangers()

    def _account(self, account_id: UUID, head: Head, batch: Batch) -> None:
        findings, fold = self.findings, Fold(account_id, self.findings)
        lines = _Lines(account_id, fold.movements(batch.events.get(account_id, ())), findings)
        matched = lines.matched(batch.lines.get(account_id, ()))
        account = batch.accounts.get(account_id)
        if account is not None:
            self._statements(account, batch.statements.get(account_id, ()), matched)
        for _ in matched:
            pass  # what is left of them: each is compared as it is read
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
        if account is not None:
            self.on_accounts[account.currency] += legs

    def _statements(self, account: Account, statements: Sequence[Statement], lines: Iterable[Line]) -> None:
        """Each statement as its entries make it: so the closing of one is the opening of the next."""
        if not statements:
            return
        issued = {statement.number: Month.of(statement) for statement in statements}
        self.findings.statements += len(issued)
        for month in reckon(account, lines, last=max(issued)):
            found = issued.get(month.number)
            if found is None:
                self.findings.compare(account.account_id, "statement", "issued", None, at=month.period)
                continue
            for name in KEPT:
                expected, told = getattr(month, name), getattr(found, name)
                self.findings.compare(
                    account.account_id, f"{name} of statement", _plain(expected), _plain(told), at=month.period
                )

    def _transfers(self) -> None:
        """What was sent was received, in one currency; a reversal of it likewise."""
        legs = current_rows(Entry).filter(transfer_id__isnull=False).values("transfer_id", "currency")
        for row in legs.annotate(**halves(SIGNED)).exclude(**NOTHING).order_by("transfer_id").iterator():
            self.findings.compare(
                f"transfer:{row['transfer_id']}", "sent less received", 0, -whole(row), at=f"in {row['currency']}"
            )

    def _strangers(self) -> None:
        """Rows of accounts that were never opened."""
        stream = current_rows(Stream).filter(category=ACCOUNT, stream_id=OuterRef("account_id"))
        for model in (Account, Entry, Statement):
            unknown = current_rows(model).filter(~Exists(stream)).values_list("account_id", flat=True)
            for account_id in unknown.order_by("account_id").distinct().iterator():
                self.findings.compare(account_id, f"{model._meta.model_name} without a stream", None, "is there")


class _Lines:
    """An account's lines of history, held against the movements that made them, and against each other."""

    def __init__(self, account_id: UUID, movements: Iterator[Movement], findings: Findings) -> None:
        self.account_id, self.movements, self.findings = account_id, movements, findings
        self.balance = self.count = 0

    def matched(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines, as they are; what is missing among them, too many or wrong is noted on the way."""
        movement = next(self.movements, None)
        for line in lines:
            while movement and movement.position < line.position:
                self._missing(movement)
                movement = next(self.movements, None)
            if movement and movement.position == line.position:
                self._compare(movement, line)
                movement = next(self.movements, None)
            else:
                self._note("entry that no event made", None, str(line.entry_id), line.position)
            self._note("balance after entry", self.balance + line.signed_amount, line.balance, line.position)
            self.balance = line.balance
            self.count += 1
            yield line
        while movement:
            self._missing(movement)
            movement = next(self.movements, None)

    def _missing(self, movement: Movement) -> None:
        self._note("entry", str(movement.entry_id), None, movement.position)

    def _compare(self, movement: Movement, line: Line) -> None:
        self._note("id of entry", str(movement.entry_id), str(line.entry_id), line.position)
        self._note("amount of entry", movement.amount, line.signed_amount, line.position)
        self._note("balance of entry", movement.balance, line.balance, line.position)
        self._note("time of entry", str(movement.recorded_at), str(line.recorded_at), line.position)

    def _note(self, kind: str, expected: object, found: object, position: int) -> None:
        self.findings.compare(self.account_id, kind, expected, found, at=f"at position {position}")


def _plain(value: object) -> object:
    """A hash as people write it."""
    return value.hex() if isinstance(value, bytes) else value if not isinstance(value, UUID) else str(value)
