"""In which currency an account is held, for who may know: the amounts in a request are read by it.

An account keeps its owner and its currency for as long as it lives, so nobody has to look twice. Only an account that
the one who asks may see is remembered: an answer about somebody else's must not come sooner than one about none.
"""

from functools import lru_cache
from typing import Final
from uuid import UUID

from accounts.domain.account import Account
from eventstore import log

REMEMBERED: Final = 10_000  # by each process; about 5 MB


class _Hidden(Exception):
    """There is nothing to see; raised, because what is raised is not remembered."""


def currency_of(account_id: UUID, customer_id: UUID | None) -> str | None:
    """The currency of a customer's own account, or of any account if no customer is named; `None` if there is none."""
    try:
        return _currency(account_id, customer_id)
    except _Hidden:
        return None


@lru_cache(REMEMBERED)
def _currency(account_id: UUID, customer_id: UUID | None) -> str:
    account: Account = log.current("account", account_id)
    if account.account_id is None or customer_id not in {None, account.customer_id}:
        raise _Hidden
    return account.currency
