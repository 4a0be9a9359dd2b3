"""The currency of an account, cached: the amounts in a request are parsed by it.

An account never changes its owner or its currency, so one look suffices. Only an account that the caller may see is
cached: an answer about another customer's account must not come sooner than one about no account.
"""

from functools import lru_cache
from typing import Final
from uuid import UUID

from accounts.domain.rules import ACCOUNTS

CACHE_SIZE: Final = 10_000  # accounts, in each process; about 5 MB


class _Hidden(Exception):
    """The caller may not see the account; an exception, because `lru_cache` does not keep those."""


def currency_of(account_id: UUID, customer_id: UUID | None) -> str | None:
    """The currency of a customer's own account, or of any account if no customer is named; `None` if there is none."""
    try:
        return _currency(account_id, customer_id)
    except _Hidden:
        return None


@lru_cache(CACHE_SIZE)
def _currency(account_id: UUID, customer_id: UUID | None) -> str:
    account = ACCOUNTS.current(account_id)
    if account.account_id is None or customer_id not in {None, account.customer_id}:
        raise _Hidden
    return account.currency
