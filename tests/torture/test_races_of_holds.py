"""A hold ends once, by capture, expiry or release.

It is captured in the last moment, the clock runs out, and its owner lets it go. A design that looks whether the
hold is open, and then writes, ends it twice: the money leaves, and is available again as well.
"""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.domain.commands import CaptureHold, ExpireHolds, PlaceHold, ReleaseHold
from accounts.services.ids import new_id
from eventstore import log
from eventstore.execute import execute
from projections.models import Account, Hold
from tests.factories import AccountFactory
from tests.torture import races
from tests.torture.races import DONE, Contender, race, rounds, sent, while_uncommitted

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = timezone.now()
ENDINGS = ("account.hold_captured", "account.hold_released", "account.hold_expired")


def place_hold(account: Account, lasting: timedelta) -> Hold:
    """A hold as of the last event, so that it may be over as soon as it is there."""
    now = account_time(account)
    command = PlaceHold(account.account_id, account.customer_id, new_id(), 60, LONG_AGO, now + lasting)
    assert execute(command, new_id(), actor="ann", recorded_at=now).accepted
    return Hold.objects.get(hold_id=command.hold_id)


def account_time(account: Account) -> datetime:
    return max(record.recorded_at for record in log.read_stream(account.account_id))


def capture(hold: Hold) -> CaptureHold:
    return CaptureHold(hold.account_id, None, hold.hold_id, new_id(), LONG_AGO)


def expire(hold: Hold) -> ExpireHolds:
    return ExpireHolds(hold.account_id, LONG_AGO)


def ended_once(account: Account) -> None:
    (ending,) = [name for name in races.log(account.account_id) if name in ENDINGS]
    state = log.load("account", account.account_id)[0]
    left = 40 if ending == "account.hold_captured" else 100
    assert (state.balance, state.held, state.available) == (left, 0, left)
    row = Account.objects.get(pk=account.pk)
    assert (row.balance, row.held) == (left, 0)


def expire_in_time(hold: Hold) -> str:
    """Send the expiry again until it is accepted."""
    while (came := races.execute_and_get_code(expire(hold), "system:expire_holds")) != DONE:
        if not Hold.objects.filter(pk=hold.pk, status="open").exists():
            break
    return came


def test_capture_against_expiry_and_release() -> None:
    """It lasts about as long as they take to begin, so either may come first."""
    for chance in rounds():
        account = AccountFactory.create(balance=100)
        hold = place_hold(account, timedelta(milliseconds=chance.uniform(1, 40)))
        release = ReleaseHold(hold.account_id, account.customer_id, hold.hold_id, LONG_AGO)
        others: list[Contender] = [sent(capture(hold)) for _ in range(3)] + [partial(expire_in_time, hold)] * 2
        if chance.random() < 0.5:
            others.append(sent(release))
        came = race(others, chance)
        assert sorted(set(came) - {DONE}) in ([], ["HOLD_NOT_OPEN"])
        assert came.count(DONE) == 1
        ended_once(account)
        *_, ending = log.read_stream(account.account_id)
        assert (ending.recorded_at >= hold.expires_at) == (ending.type == "account.hold_expired")


@pytest.mark.postgresql
def test_the_clock_waits_for_a_capture_that_came_in_time() -> None:
    account = AccountFactory.create(balance=100)
    hold = place_hold(account, timedelta(microseconds=1))
    in_time = sent(capture(hold), recorded_at=account_time(account))
    assert while_uncommitted(in_time, sent(expire(hold))) == (DONE, "HOLD_NOT_OPEN")
    ended_once(account)


@pytest.mark.postgresql
def test_of_two_who_capture_one_gets_it() -> None:
    account = AccountFactory.create(balance=100)
    hold = place_hold(account, timedelta(hours=1))
    assert while_uncommitted(sent(capture(hold)), sent(capture(hold))) == (DONE, "HOLD_NOT_OPEN")
    ended_once(account)
