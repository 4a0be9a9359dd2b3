"""Names of accounts on a page, and the accounts that a customer may choose from."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from django import template
from django.utils.translation import gettext as _

from projections import queries
from projections.models import Account

register = template.Library()


class Named(Protocol):
    """Anything with an account's label and currency: a row of the read model, or the state of the write side."""

    label: str
    currency: str


@register.simple_tag
def account_name(account: Named) -> str:
    """The customer's label of an account, or a name by its currency."""
    return account.label or _("%(currency)s account") % {"currency": account.currency}


@register.simple_tag
def isolated_name(account: Named) -> str:
    """The name between signs of isolation, where markup can't stand: one in Arabic would draw an amount to itself."""
    return f"\u2068{account_name(account)}\u2069"


@register.filter
def ending(account_id: UUID | str) -> str:
    """The last characters of an id: enough to distinguish accounts, too few to pay to."""
    return f"…{str(account_id)[-6:]}"


@register.simple_tag
def own_account(account_id: UUID, customer_id: UUID) -> Account | None:
    """The account with an id, if it is the customer's own."""
    return queries.account(account_id, customer_id=customer_id)


@register.filter
def any_pays(accounts: Iterable[Account]) -> bool:
    """Whether money may leave one of the accounts."""
    return any(account.takes_debits for account in accounts)


@register.simple_tag
def own_accounts(customer_id: UUID) -> Iterable[Account]:
    """The accounts of a customer that are not closed."""
    return [account for account in queries.accounts_of(customer_id) if account.status != Account.Status.CLOSED]
