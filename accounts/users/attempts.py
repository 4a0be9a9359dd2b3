"""Counts of attempts, such as wrong passwords, in the database: all processes count together, and none is forgotten.

    count("reset", email)  # raises TooManyAttempts
    counted = count_together([("sign_in", who), ("sign_in_address", address)])
    counted.take_back()

A scope has its rate in `settings.ATTEMPT_RATES`. Windows are fixed: the first one that is too many is refused until the
window ends, and refusing writes nothing, so a flood costs one query for each of its requests.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Final

from django.conf import settings
from django.db import connections, models, router, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import ngettext
from rest_framework.exceptions import Throttled

RATE: Final = re.compile(r"([0-9]+)/([smhd])[a-z]*")  # 10/m, 10/min, 10/minute
SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
LONG_SECONDS: Final = 120  # from here on a wait is told in minutes

# One statement each, so that two who count at the same moment both count, in the order of the keys, so that nobody can
# deadlock. They work on PostgreSQL and on SQLite since 3.35.
COUNT_SQL: Final = """
INSERT INTO accounts_attemptcount (key, ends_at, number) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET number = accounts_attemptcount.number + 1 RETURNING key, number
"""
TAKE_BACK_SQL: Final = """
INSERT INTO accounts_attemptcount (key, ends_at, number) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET number = accounts_attemptcount.number - 1 WHERE accounts_attemptcount.number > 0
"""

Attempt = tuple[str, str]  # a scope, and who is counted


class AttemptCount(models.Model):
    """How many attempts there were in a window of time; the key is a keyed hash, as whom it is about is personal."""

    key = models.CharField(max_length=64, primary_key=True)
    ends_at = models.DateTimeField(db_index=True)
    number = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.number} until {self.ends_at}"


class TooManyAttempts(Throttled):
    """There were more attempts than a rate allows; the next window begins in `wait_seconds`.

    The API answers it as 429 THROTTLED, and pages that let it out show `429.html`; both with Retry-After.
    """

    def __init__(self, wait_seconds: float) -> None:
        self.wait_seconds = max(1, ceil(wait_seconds))
        super().__init__(detail=_sentence(self.wait_seconds))
        self.wait = self.wait_seconds


@dataclass(frozen=True, slots=True)
class Window:
    """The present window of time of a scope and a subject."""

    key: str
    ends_at: datetime
    allowed: int


@dataclass(frozen=True, slots=True)
class Counted:
    """An attempt that was counted, in the windows of that moment."""

    windows: Sequence[Window]

    def take_back(self) -> None:
        """Uncount an attempt that turned out to be none, such as a right password."""
        if self.windows:
            with _executed(TAKE_BACK_SQL, self.windows, 0):
                pass


def count(scope: str, subject: str) -> Counted:
    """Count an attempt before it is made; raise TooManyAttempts if there were too many in the present window.

    `scope` names a rate of `ATTEMPT_RATES`; an empty rate counts nothing. `subject` is who is counted: an e-mail, a
    network address, both. Whoever counts first and acts then can't be overtaken by a crowd that acts at once. Call it
    outside of transactions: one that is rolled back forgets the count.
    """
    return count_together([(scope, subject)])


def count_together(attempts: Iterable[Attempt]) -> Counted:
    """Count one attempt under several scopes: under all of them, or raise TooManyAttempts and count under none."""
    windows = _windows(attempts)
    if not windows:
        return Counted(())
    _refuse(windows, _numbers(windows))
    with _executed(COUNT_SQL, windows, 1) as cursor:
        numbers = dict(cursor.fetchall())
    if 1 in numbers.values():
        delete_ended(AttemptCount)
    try:
        _refuse(windows, {key: number - 1 for key, number in numbers.items()})  # others may have come in between
    except TooManyAttempts:
        Counted(windows).take_back()
        raise
    return Counted(windows)


def must_be_few(attempts: Iterable[Attempt]) -> None:
    """Raise TooManyAttempts if one more would be too many; count nothing."""
    if windows := _windows(attempts):
        _refuse(windows, _numbers(windows))


def take_back(scope: str, subject: str) -> None:
    """Uncount an attempt of the present window that turned out to be none."""
    Counted(_windows([(scope, subject)])).take_back()


def delete_ended(kind: type[models.Model]) -> None:
    """Delete the rows of a table whose `ends_at` is past, but for those that another process is deleting."""
    with transaction.atomic(using=_alias()):
        ended = kind._default_manager.using(_alias()).filter(ends_at__lt=timezone.now())
        ended.filter(pk__in=ended.select_for_update(skip_locked=True).values("pk")).delete()


def rate(scope: str) -> tuple[int, int]:
    """The attempts that a scope allows, and the seconds of its window; zeros where no rate is set."""
    text = settings.ATTEMPT_RATES.get(scope) or ""
    if not text:
        return 0, 0
    found = RATE.fullmatch(text)
    if not found:
        raise ValueError(f"The rate {text!r} of {scope} is not like 10/min. It may count by sec, min, hour or day.")
    return int(found[1]), SECONDS[found[2]]


def _windows(attempts: Iterable[Attempt]) -> list[Window]:
    """The windows of the attempts whose scopes have a rate, in the order of their keys."""
    rated = ((scope, subject, *rate(scope)) for scope, subject in attempts)
    windows = [_window(scope, subject, allowed, seconds) for scope, subject, allowed, seconds in rated if seconds]
    return sorted(windows, key=lambda window: window.key)


def _window(scope: str, subject: str, allowed: int, seconds: int) -> Window:
    ends_at = (timezone.now().timestamp() // seconds + 1) * seconds
    text = f"{scope}\0{subject}\0{ends_at:.0f}".encode(errors="surrogatepass")
    key = salted_hmac("accounts.users.attempts", text, algorithm="sha256").hexdigest()
    return Window(key, datetime.fromtimestamp(ends_at, UTC), allowed)


def _numbers(windows: Iterable[Window]) -> dict[str, int]:
    rows = AttemptCount.objects.using(_alias()).filter(pk__in=[window.key for window in windows])
    return dict(rows.values_list("key", "number"))


def _refuse(windows: Iterable[Window], before: Mapping[str, int]) -> None:
    """Raise TooManyAttempts, with the longest wait, if there were too many attempts before this one."""
    full = [window.ends_at for window in windows if before.get(window.key, 0) >= window.allowed]
    if full:
        raise TooManyAttempts((max(full) - timezone.now()).total_seconds())


@contextmanager
def _executed(sql: str, windows: Sequence[Window], number: int) -> Iterator[CursorWrapper]:
    """A cursor on which a statement was executed that inserts rows, or changes those that are there."""
    rows = ", ".join(["(%s, %s, %s)"] * len(windows))
    values = [value for window in windows for value in (window.key, window.ends_at, number)]
    with connections[_alias()].cursor() as cursor:
        cursor.execute(sql.format(rows=rows), values)
        yield cursor


def _alias() -> str:
    return router.db_for_write(AttemptCount)


def _sentence(seconds: int) -> str:
    if seconds < LONG_SECONDS:
        return ngettext(
            "There were too many attempts. Please try again in %(number)d second.",
            "There were too many attempts. Please try again in %(number)d seconds.",
            seconds,
        ) % {"number": seconds}
    minutes = ceil(seconds / 60)
    return ngettext(
        "There were too many attempts. Please try again in %(number)d minute.",
        "There were too many attempts. Please try again in %(number)d minutes.",
        minutes,
    ) % {"number": minutes}
