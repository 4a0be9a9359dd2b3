"""Holds that nobody came for in time."""

from datetime import datetime, timedelta
from functools import partial
from unittest.mock import patch

import pytest
from django.utils import timezone

from accounts.domain.commands import ExpireHolds
from accounts.domain.events import HoldExpired
from accounts.services.scheduled import expire_holds
from eventstore.due import tasks
from eventstore.execute import execute
from eventstore.execution import scheduler
from eventstore.execution.scheduler import Report
from eventstore.testing import given
from projections.models import Account, Hold
from tests.accounts.examples import (
    ADA_SUSPENDED,
    ADAS,
    ADAS_OPENED,
    HOLD,
    IN_A_WEEK,
    OTHER_HOLD,
    deposited,
    frozen,
    held,
)
from tests.factories import AccountFactory, HoldFactory

EXPIRE = ExpireHolds(ADAS, IN_A_WEEK)
LATER = IN_A_WEEK + timedelta(microseconds=1)
HISTORY = (ADAS_OPENED, deposited(ADAS, 100), held(ADAS, 30))


def test_makes_what_is_over_available_again() -> None:
    given(*HISTORY).when(EXPIRE).then(HoldExpired(ADAS, HOLD, held=0))


def test_all_that_are_over_expire_and_the_others_stay() -> None:
    also = held(ADAS, 20, in_all=50, hold_id=OTHER_HOLD)
    given(*HISTORY, also).when(EXPIRE).then(HoldExpired(ADAS, HOLD, held=20), HoldExpired(ADAS, OTHER_HOLD, held=0))
    lasting = held(ADAS, 20, in_all=50, hold_id=OTHER_HOLD, until=LATER)
    given(*HISTORY, lasting).when(EXPIRE).then(HoldExpired(ADAS, HOLD, held=20))


def test_refuses_where_nothing_is_over_so_that_it_is_asked_again() -> None:
    early = ExpireHolds(ADAS, IN_A_WEEK - timedelta(microseconds=1))
    given(*HISTORY).when(early).refused("HOLD_NOT_OPEN")
    given(*HISTORY, HoldExpired(ADAS, HOLD, held=0)).when(EXPIRE).refused("HOLD_NOT_OPEN")
    given().when(EXPIRE).refused("HOLD_NOT_OPEN")


@pytest.mark.parametrize("event", [frozen(ADAS, "debits"), frozen(ADAS, "all"), ADA_SUSPENDED])
def test_goes_on_whatever_is_forbidden(event: object) -> None:
    given(*HISTORY, event).when(EXPIRE).then(HoldExpired(ADAS, HOLD, held=0))


SOON = timedelta(hours=1)


def run_at(moment: datetime) -> Report:
    """Do what is due at a moment to come."""
    with patch.object(scheduler, "execute", partial(execute, recorded_at=moment)):
        return scheduler.run(tasks["expire_holds"], moment)


@pytest.mark.django_db
class TestRunDue:
    """What `manage.py run_due` does about them."""

    def test_finds_the_accounts_that_have_any(self) -> None:
        over, _not_yet = HoldFactory.create(expires_in=SOON), HoldFactory.create(expires_in=3 * SOON)
        (found,) = expire_holds(timezone.now() + 2 * SOON)
        assert found.key == f"{over.account_id} {over.expires_at.isoformat()}"
        assert found.command.account_id == over.account_id

    def test_releases_them_for_good(self) -> None:
        account = AccountFactory.create(balance=100)
        first, second = (
            HoldFactory.create(account=account, amount=amount, expires_in=amount * SOON) for amount in (1, 20)
        )
        report = run_at(first.expires_at)
        assert (report.executed, report.refused, report.failed) == (1, 0, 0)
        assert [Hold.objects.get(pk=hold.pk).status for hold in (first, second)] == ["expired", "open"]
        assert Account.objects.get(pk=account.pk).held == 20
        assert run_at(first.expires_at).is_empty
        assert run_at(second.expires_at).executed == 1
        assert Account.objects.get(pk=account.pk).held == 0

    def test_a_runner_whose_clock_is_fast_does_no_harm(self) -> None:
        """An acceptance that releases nothing would stand for ever: the hold would never expire."""
        hold = HoldFactory.create(expires_in=SOON)
        early = scheduler.run(tasks["expire_holds"], hold.expires_at)
        assert (early.executed, early.refused, early.failed) == (0, 1, 0)
        assert run_at(hold.expires_at + SOON).executed == 1
        assert Hold.objects.get(pk=hold.pk).status == "expired"
