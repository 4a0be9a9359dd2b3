"""Strategies: the customers, accounts, amounts and dates that a walk chooses from."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from accounts.domain.money import MAX_MONEY

ADA, BOB = UUID(int=1), UUID(int=2)
ACCOUNTS = [UUID(int=number) for number in (11, 12, 13, 14)]
ZONES = ["Europe/Berlin", "Pacific/Kiritimati", "America/Los_Angeles"]
STAFF = ["staff:1", "staff:2"]
EMAILS = ["ada@example.com", "bob@example.com", "both@example.com"]
START = datetime(2026, 3, 27, 12, tzinfo=UTC)  # two days before clocks change in Berlin
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # the senders' clock, which no rule uses

EVENTS = {
    "deposit": "account.money_deposited",
    "withdrawal": "account.money_withdrawn",
    "transfer": "account.transfer_sent",
    "capture": "account.hold_captured",
    "reversal": "account.entry_reversed",
    "adjustment": "account.balance_adjusted",
}


class Nearly(NamedTuple):
    """An amount that is just possible, or just not: by what is there, or by one of the limits."""

    edge: int
    off: int


def rarely(usual: st.SearchStrategy[Any], unusual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from([True] * 9 + [False]).flatmap(lambda is_usual: usual if is_usual else unusual)


accounts = st.sampled_from([*ACCOUNTS[:3] * 3, ACCOUNTS[3]])  # the last one is rarely there
people, persons_of_staff = st.sampled_from([ADA, BOB]), st.sampled_from(STAFF)
sums = rarely(st.integers(1, 120), st.sampled_from([0, -1, MAX_MONEY - 60, MAX_MONEY, MAX_MONEY + 1]))
limits = rarely(st.integers(0, 150), st.sampled_from([-1, MAX_MONEY, MAX_MONEY + 1]))
nearly = st.builds(Nearly, st.integers(0, 2), st.integers(-1, 1))
payments = sums | nearly
agos = [timedelta(seconds=seconds) for seconds in (-1, 0, 1, 100_000, 1_000_000)]
dates = rarely(st.none(), st.sampled_from(agos))
reasons = st.sampled_from(["Why not"] * 9 + [" "])
mostly = st.sampled_from([True] * 9 + [False])
which = st.integers(0, 5)  # from the last one back
spans = st.sampled_from([timedelta(hours=hours) for hours in (1, 5, 15, 30, 200, 200, 0)])
