"""Amounts of money in requests."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from accounts.api.fields import Amount, reference_field
from accounts.domain.money import parse_amount
from accounts.services.currencies import currency_of
from eventstore.http.fields import StrictSerializer

if TYPE_CHECKING:
    from accounts.users.models import User

UNKNOWN_CURRENCY_AMOUNT: Final = 0  # in a command: of an amount whose account, and so its currency, is unknown


class AmountSerializer(StrictSerializer):
    """An amount of money with its reference."""

    amount = Amount(help_text="In major units, with no more decimals than the currency has; never a JSON number.")
    reference = reference_field()


def amount_in(text: str, account_id: UUID, user: "User", *, may_be_zero: bool = False, field: str = "amount") -> int:
    """An amount in minor units of the currency of an account that the user may act on; raises Refused if it is none.

    Another customer's account has no currency for the user. The command goes ahead all the same, because it is the
    decision that refuses it: so the attempt is stored and appears in the audit.
    """
    currency = currency_of(account_id, user.customer_id)
    if currency is None:
        return UNKNOWN_CURRENCY_AMOUNT
    return parse_amount(text, currency, may_be_zero=may_be_zero, field=field)
