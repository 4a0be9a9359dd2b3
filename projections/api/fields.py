"""Fields of the domain in answers."""

from drf_spectacular.utils import extend_schema_field

from accounts.domain.money import format_amount
from eventstore.http.fields import TextWithUnit


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "example": "10.50"})
class Money(TextWithUnit):
    """An amount of money: minor units, written with all decimals of the `currency` beside them."""

    unit_field = "currency"

    def format(self, number: int, unit: str) -> str:
        """The amount in major units."""
        return format_amount(number, unit)
