"""Serializer fields that take exactly the JSON type that they name, and never guess."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import get_attribute

from eventstore import personal
from eventstore.decider import Refused
from eventstore.execution.refusals import sentence
from eventstore.log.cursor_text import PATTERNS, Cursor, Store
from eventstore.log.cursors import cursor, read_place
from eventstore.messages import first_unfit, has_control, is_moment
from eventstore.messages.characters import SHAPERS, UNFIT

__all__ = [
    "CURSOR_HELP",
    "LINE_PATTERN",
    "CommandPlace",
    "CursorField",
    "Day",
    "EmptyRequestSerializer",
    "Id",
    "Line",
    "Message",
    "Moment",
    "Number",
    "Place",
    "Store",
    "StoredMoment",
    "StrictSerializer",
    "Text",
    "TextWithUnit",
    "ToldCursor",
    "as_id",
]

MAX_NUMBER: Final = 2**63 - 1  # what a database's bigint holds

_ID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T(?!24)\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})", re.ASCII | re.IGNORECASE
)
_NUMBER: Final = re.compile(r"[0-9]{1,19}")
CURSOR_HELP: Final = "The position as a cursor: it names the same event for ever, or is refused with LOG_CHANGED."
LINE_PATTERN: Final = f"^[^{UNFIT}{SHAPERS}]*$"  # JSON Schema of text without characters that control, or are unseen


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not declare: a misspelt field must not pass for one left out."""

    def to_internal_value(self, data: Any) -> Any:
        """The parsed object; raises ValidationError."""
        if isinstance(data, Mapping) and (unknown := [name for name in data if name not in self.fields]):
            raise serializers.ValidationError({unknown[0][:100]: [_("There is no such field.")]})
        return super().to_internal_value(data)


class EmptyRequestSerializer(StrictSerializer):
    """A body without fields: `{}`."""


class Text(serializers.CharField):
    """A JSON string, never a number made into one; parsed by `rule`, which may raise Refused.

    `json_schema` describes in the words of JSON Schema what the rule demands.
    """

    def __init__(
        self, rule: Callable[[str], Any] = str, *, json_schema: Mapping[str, Any] | None = None, **options: Any
    ) -> None:
        super().__init__(trim_whitespace=False, **options)
        self.rule = rule
        self.json_schema = json_schema or {}

    def to_internal_value(self, data: Any) -> Any:
        """The string as the rule returns it; raises ValidationError with the sentence of the rule's refusal."""
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return self.rule(data)
        except Refused as refused:
            raise serializers.ValidationError(sentence(refused.refusal)) from refused


class Line(Text):
    """A line of text, trimmed, without characters that control or that nobody sees."""

    default_error_messages = {
        "control": gettext_lazy("This text holds control characters. Remove them."),
        "unfit": gettext_lazy("This text holds a character that nobody sees: {character}. Remove it."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(json_schema={"pattern": LINE_PATTERN}, **options)

    def to_internal_value(self, data: Any) -> str:
        """The line; raises ValidationError."""
        line: str = super().to_internal_value(data).strip()
        if has_control(line):
            self.fail("control")
        if unfit := first_unfit(line):
            self.fail("unfit", character=unfit)
        return line


@extend_schema_field({"type": "string", "format": "uuid"})
class Id(Text):
    """A UUID in its canonical form, in upper or lower case."""

    default_error_messages = {"no_id": gettext_lazy("Enter an id such as 0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b.")}

    def to_internal_value(self, data: Any) -> Any:
        """The UUID; raises ValidationError."""
        found = as_id(super().to_internal_value(data))
        return found or self.fail("no_id")


@extend_schema_field({"type": "string", "format": "date"})
class Day(Text):
    """A day of the calendar, as `yyyy-mm-dd`."""

    default_error_messages = {"no_day": gettext_lazy("Enter a day such as 2026-03-01.")}

    def to_internal_value(self, data: Any) -> Any:
        """The date; raises ValidationError."""
        text = super().to_internal_value(data)
        try:
            return date.fromisoformat(text) if _DAY.fullmatch(text) else self.fail("no_day")
        except ValueError:
            self.fail("no_day")


@extend_schema_field({"type": "string", "format": "date-time"})
class Moment(Text):
    """A time as RFC 3339 has it, with its offset, which has a place in the database's calendar: no leap second has."""

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


@extend_schema_field({"type": "string", "format": "date-time", "not": {"pattern": "^(000[01]|9999)"}})
class StoredMoment(Moment):
    """A time that is stored, and shown in any zone: in the years 2 to 9998, as others have no local time in some."""

    default_error_messages = {"too_far": gettext_lazy("Enter a time in the years 2 to 9998.")}

    def to_internal_value(self, data: Any) -> Any:
        """The time, in UTC; raises ValidationError."""
        moment = super().to_internal_value(data)
        return moment if is_moment(moment) else self.fail("too_far")


class Number(serializers.IntegerField):
    """A whole number in the query of a URL: not negative, in ASCII digits, of at most 63 bits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": MAX_NUMBER, **options})

    def to_internal_value(self, data: Any) -> int:
        """The number; raises ValidationError."""
        if not isinstance(data, str) or not _NUMBER.fullmatch(data):
            self.fail("invalid")
        return int(data)


def _schema_of(store: Store) -> dict[str, Any]:
    return {"type": "string", "pattern": PATTERNS[store]}


def schema_of_place(store: Store) -> dict[str, Any]:
    """The JSON Schema of a place: a number, or a cursor."""
    return {"oneOf": [{"type": "integer", "minimum": 0, "maximum": MAX_NUMBER}, _schema_of(store)]}


@extend_schema_field(schema_of_place(Store.EVENTS))
class Place(serializers.Field[Any, Any, Any, Any]):
    """A place in the log: a cursor, or a plain number, which is a position of the present epoch.

    A query view compares the cursor with the log's identity; what a view gets of it is the number.
    """

    store: ClassVar[Store] = Store.EVENTS

    def to_internal_value(self, data: Any) -> int | Cursor:
        """The number, or the cursor; raises ValidationError."""
        try:
            return read_place(str(data), self.store)
        except Refused as refused:
            raise serializers.ValidationError(sentence(refused.refusal)) from refused


@extend_schema_field(schema_of_place(Store.COMMANDS))
class CommandPlace(Place):
    """A place in the command store, told likewise."""

    store = Store.COMMANDS


@extend_schema_field(_schema_of(Store.EVENTS))
class CursorField(serializers.Field[Any, Any, Any, Any]):
    """In an answer, the cursor of the position that the field `source` has, by default `position`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"source": "position", "read_only": True, "help_text": CURSOR_HELP, **options})

    def to_representation(self, value: int) -> str:
        """The cursor."""
        return cursor(value)


@extend_schema_field(_schema_of(Store.EVENTS))
class ToldCursor(serializers.CharField):
    """In an answer, a cursor that was made before, such as a receipt's."""


class TextWithUnit(serializers.Field[Any, Any, Any, Any]):
    """A number in an answer, written as text by a function of the number and the unit in the field beside it.

    A subclass names that field and the function.
    """

    unit_field: ClassVar[str]

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def format(self, number: int, unit: str) -> str:
        """The text of a number in its unit."""
        raise NotImplementedError

    def get_attribute(self, instance: Any) -> tuple[Any, Any] | None:
        """The number and its unit; `None` where there is no number."""
        number = super().get_attribute(instance)
        return None if number is None else (number, get_attribute(instance, [self.unit_field]))

    def to_representation(self, value: tuple[int, str]) -> str:
        """The text."""
        return self.format(*value)


class Message(serializers.DictField):
    """An event, a command, or whatever else the engine encodes as JSON."""

    def to_representation(self, value: Any) -> dict[str, Any]:
        """The message as it is encoded: ids and times as text."""
        encoded: dict[str, Any] = personal.shown(value)
        return encoded


def as_id(text: str) -> UUID | None:
    """The UUID that a text is in canonical form, or `None`."""
    return UUID(text) if _ID.fullmatch(text) else None
