"""Fields of the domain: amounts of money, and texts with what the API's description says of their rules."""

from typing import Any, Final

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field

from accounts.domain.money import format_amount
from accounts.domain.text import (
    EMAIL_LIMIT,
    LABEL_LIMIT,
    NAME_LIMIT,
    REASON_LIMIT,
    REFERENCE_LIMIT,
    TOKEN_NAME_LIMIT,
    clean_email,
    clean_label,
    clean_locale,
    clean_name,
    clean_reason,
    clean_reference,
    clean_timezone,
    clean_token_name,
)
from eventstore.http.fields import LINE_PATTERN, Text, TextWithUnit

AMOUNT_JSON_SCHEMA: Final = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "example": "10.50"}

# More than white space; all that nobody sees would be more than the engines of such patterns take.
_CONTROL: Final = r"\u0000-\u001f\u007f-\u009f\u2028-\u202e"
_FILLED_PATTERN: Final = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
# The shape; which domains can exist, no pattern says.
_EMAIL_PATTERN: Final = rf"^[^@\s{_CONTROL}]+@[^@\s.{_CONTROL}]+(\.[^@\s.{_CONTROL}]+)+$"
_LOCALE_PATTERN: Final = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"


@extend_schema_field(AMOUNT_JSON_SCHEMA)
class Amount(Text):
    """An amount of money in a request, as text: it is parsed later, when its currency is known."""

    default_error_messages = {"invalid": gettext_lazy('Write an amount as text, such as "10.50".')}


@extend_schema_field(AMOUNT_JSON_SCHEMA)
class Money(TextWithUnit):
    """An amount of money in an answer: minor units, written with all decimals of the `currency` beside them."""

    unit_field = "currency"

    def format(self, number: int, unit: str) -> str:
        """The amount in major units."""
        return format_amount(number, unit)


def name_field(**options: Any) -> Text:
    """The name of a person."""
    return Text(clean_name, json_schema={"maxLength": NAME_LIMIT, "pattern": _FILLED_PATTERN}, **options)


def email_field(**options: Any) -> Text:
    """An e-mail address, in the form in which it is stored."""
    return Text(clean_email, json_schema={"maxLength": EMAIL_LIMIT, "pattern": _EMAIL_PATTERN}, **options)


def locale_field(**options: Any) -> Text:
    """A language tag."""
    return Text(clean_locale, json_schema={"pattern": _LOCALE_PATTERN}, **options)


def timezone_field(**options: Any) -> Text:
    """The name of a time zone."""
    return Text(clean_timezone, **options)


def label_field() -> Text:
    """The label of an account; may be empty."""
    schema = {"maxLength": LABEL_LIMIT, "pattern": LINE_PATTERN}
    return Text(
        clean_label,
        json_schema=schema,
        default="",
        allow_blank=True,
        help_text=f"At most {LABEL_LIMIT} characters.",
    )


def token_name_field() -> Text:
    """The name of a token, by which its owner knows it again; may be empty."""
    schema = {"maxLength": TOKEN_NAME_LIMIT, "pattern": LINE_PATTERN}
    return Text(
        clean_token_name,
        json_schema=schema,
        default="",
        allow_blank=True,
        help_text=f"What it is for, so that you know it again: at most {TOKEN_NAME_LIMIT} characters.",
    )


def reference_field() -> Text:
    """The reference of an entry: what the money is for; may be empty."""
    schema = {"maxLength": REFERENCE_LIMIT, "pattern": LINE_PATTERN}
    return Text(
        clean_reference,
        json_schema=schema,
        default="",
        allow_blank=True,
        help_text=f"At most {REFERENCE_LIMIT} characters.",
    )


def reason_field(help_text: str) -> Text:
    """The reason of a command; the decision refuses a missing reason where there has to be one."""
    schema = {"maxLength": REASON_LIMIT, "pattern": LINE_PATTERN}
    return Text(clean_reason, json_schema=schema, default="", allow_blank=True, help_text=help_text)
