"""A customer's own account, as the next decision sees it."""

from uuid import UUID

from accounts.domain.account import Account
from eventstore import log


def own_account(account_id: UUID, customer_id: UUID | None) -> Account:
    """The account as a decision sees it; raises Refused ACCOUNT_NOT_FOUND unless it is this customer's.

    Read from the head of its stream, so it costs the same for a long history, and is never out of date.
    """
    account: Account = log.current("account", account_id)
    account.must_belong_to(customer_id)
    return account
