"""What goes in and out, value by value. In: exactly the type that is asked for. Out: text that says all there is."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import get_attribute

from accounts.domain.money import MAX_MONEY, format_amount
from eventstore.decider import Refused
from eventstore.execution.refusals import sentence

_ID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_MOMENT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})", re.ASCII | re.IGNORECASE
)
_NUMBER: Final = re.compile(r"[0-9]{1,19}")
_AMOUNT: Final = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$", "example": "10.50"}


class StrictSerializer(serializers.Serializer[Any]):
    """An object with the fields that it names and no others: a misspelt field must not pass for one left out."""

    def to_internal_value(self, data: Any) -> Any:
        """The object as it is read; raises ValidationError."""
        if isinstance(data, Mapping) and (unknown := [name for name in data if name not in self.fields]):
            raise serializers.ValidationError({unknown[0][:100]: [_("There is no such field.")]})
        return super().to_internal_value(data)


class Text(serializers.CharField):
    """A string, not what could be made into one; read by a rule of the domain, if one is given.

    `like` says in the words of JSON Schema what the rule demands, where the description can't know it by the rule.
    """

    def __init__(
        self, rule: Callable[[str], Any] = str, *, like: Mapping[str, Any] | None = None, **options: Any
    ) -> None:
        super().__init__(trim_whitespace=False, **options)
        self.rule = rule
        self.like = like or {}

    def to_internal_value(self, data: Any) -> Any:
        """The string as the rule would have it; raises ValidationError with the rule's sentence."""
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return self.rule(data)
        except Refused as refused:
            raise serializers.ValidationError(sentence(refused.refusal)) from refused


@extend_schema_field({"type": "string", "format": "uuid"})
class Id(Text):
    """An id in the one form in which we write ids, in upper or lower case."""

    default_error_messages = {"no_id": gettext_lazy("Enter an id such as 0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b.")}

    def to_internal_value(self, data: Any) -> Any:
        """The id; raises ValidationError."""
        found = as_id(super().to_internal_value(data))
        return found or self.fail("no_id")


@extend_schema_field(_AMOUNT)
class Amount(Text):
    """An amount as text; what it means depends on a currency, so it is read later."""

    default_error_messages = {"invalid": gettext_lazy('Write an amount as text, such as "10.50".')}


@extend_schema_field({"type": "string", "format": "date-time"})
class Moment(Text):
    """A time as RFC 3339 has it, with its offset."""

    default_error_messages = {
        "no_time": gettext_lazy("Enter a time with its offset such as 2026-03-01T09:30:00+01:00.")
    }

    def to_internal_value(self, data: Any) -> Any:
        """The time, in UTC; raises ValidationError."""
        text = super().to_internal_value(data)
        if not _MOMENT.fullmatch(text):
            self.fail("no_time")
        try:
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("no_time")


class Number(serializers.IntegerField):
    """A whole number that is not negative, in plain digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": MAX_MONEY, **options})

    def to_internal_value(self, data: Any) -> int:
        """The number; raises ValidationError."""
        if not isinstance(data, str) or not _NUMBER.fullmatch(data):
            self.fail("invalid")
        return int(data)


@extend_schema_field(_AMOUNT)
class Money(serializers.Field[Any, Any, Any, Any]):
    """Minor units as a decimal string, in the currency that stands beside them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def get_attribute(self, instance: Any) -> tuple[Any, Any] | None:
        """The minor units and their currency; nothing, where there is no such amount."""
        amount = super().get_attribute(instance)
        return None if amount is None else (amount, get_attribute(instance, ["currency"]))

    def to_representation(self, value: tuple[int, str]) -> str:
        """With all decimals of the currency."""
        return format_amount(*value)


def as_id(text: str) -> UUID | None:
    """The id that a text is, if it is one."""
    return UUID(text) if _ID.fullmatch(text) else None
