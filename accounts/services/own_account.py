"""The state of a customer's own account, as the next decision sees it."""

from uuid import UUID

from accounts.domain.account import Account
from accounts.domain.rules import ACCOUNTS


def own_account(account_id: UUID, customer_id: UUID | None) -> Account:
    """The present state of a customer's account; raises Refused ACCOUNT_NOT_FOUND for any other account.

    Read from the head of its stream: the cost does not grow with the history, and the state is never out of date.
    """
    account = ACCOUNTS.current(account_id)
    account.must_belong_to(customer_id)
    return account
