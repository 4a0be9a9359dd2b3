"""How accounts are named on a page, and which ones a customer may choose from."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from django import template
from django.utils.translation import gettext as _

from projections import queries
from projections.models import Account

register = template.Library()


class Named(Protocol):
    """What an account needs to be named: its row in the read model has it, its state too."""

    label: str
    currency: str


@register.simple_tag
def account_name(account: Named) -> str:
    """What the customer calls an account, or at least what it holds."""
    return account.label or _("%(currency)s account") % {"currency": account.currency}


@register.filter
def ending(account_id: UUID | str) -> str:
    """The last characters of an id: enough to tell accounts apart, too few to pay to."""
    return f"…{str(account_id)[-6:]}"


@register.simple_tag
def own_accounts(customer_id: UUID) -> Iterable[Account]:
    """The accounts of a customer that money may still go to or come from."""
    return [account for account in queries.accounts_of(customer_id) if account.status != Account.Status.CLOSED]
