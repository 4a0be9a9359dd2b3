"""An atomic batch that is sent again while it is executed gets its own receipts, not a refusal of what it has done.

A design that looks for stored answers before it waits for its streams then decides over what the first attempt left,
and refuses it; a command alone finds out as its id is taken, but a refused batch writes nothing.
"""

from uuid import UUID

import pytest
from django.utils import timezone

from accounts.domain.commands import CloseAccount
from accounts.services.ids import new_id
from eventstore.execute import BatchRefused, CommandRequest, execute_many
from eventstore.models import Command
from projections.models import Account
from tests.factories import AccountFactory
from tests.torture.races import DONE, Contender, log, while_uncommitted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]

NOW = timezone.now()
ANSWERED_AGAIN = "answered again"


def closing(account: Account, key: UUID) -> Contender:
    command = CloseAccount(account.account_id, account.customer_id, new_id(), new_id(), new_id(), NOW)

    def send() -> str:
        request = CommandRequest(command=command, key=str(key), actor="somebody")
        try:
            (receipt,) = execute_many([request], atomic=True)
        except BatchRefused as refused:
            return refused.refusal.code
        return ANSWERED_AGAIN if receipt.replayed else DONE

    return send


def test_a_batch_that_is_sent_twice_at_once_is_done_once_and_answered_twice() -> None:
    account = AccountFactory.create()
    send = closing(account, new_id())
    assert while_uncommitted(send, send) == (DONE, ANSWERED_AGAIN)
    assert log(account.account_id).count("account.closed") == 1


def test_another_batch_is_refused_for_what_the_first_has_done() -> None:
    account = AccountFactory.create()
    came = while_uncommitted(closing(account, new_id()), closing(account, new_id()))
    assert came == (DONE, "ACCOUNT_CLOSED")
    assert Command.objects.filter(type="account.close").count() == 1
