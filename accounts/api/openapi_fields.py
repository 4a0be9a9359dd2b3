"""What the description of the API says of what goes in: all that can be said before a rule looks at it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema

from accounts.domain.text import (
    EMAIL_LIMIT,
    LABEL_LIMIT,
    NAME_LIMIT,
    REASON_LIMIT,
    REFERENCE_LIMIT,
    clean_email,
    clean_label,
    clean_locale,
    clean_name,
    clean_reason,
    clean_reference,
)

Schema = dict[str, Any]

_CONTROL: Final = r"\u0000-\u001f\u007f-\u009f"
LINE: Final = rf"^[^{_CONTROL}]*$"  # without control characters
_FILLED: Final = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"  # more than white space

RULES: Final[Mapping[Callable[[str], Any], Schema]] = {
    clean_name: {"maxLength": NAME_LIMIT, "pattern": _FILLED},
    clean_label: {"maxLength": LABEL_LIMIT, "pattern": LINE},
    clean_reference: {"maxLength": REFERENCE_LIMIT, "pattern": LINE},
    clean_reason: {"maxLength": REASON_LIMIT, "pattern": LINE},
    clean_email: {
        "maxLength": EMAIL_LIMIT,
        "pattern": rf"^[^@\s{_CONTROL}]+@[^@\s.{_CONTROL}]+(\.[^@\s.{_CONTROL}]+)+$",
    },
    clean_locale: {"pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"},
}


class StrictObject(OpenApiSerializerExtension):
    """An object with the fields that it names and no others."""

    target_class = "accounts.api.fields.StrictSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> Schema:
        """Its fields, and that there are no others."""
        schema: Schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


class RuledText(OpenApiSerializerFieldExtension):
    """A string that a rule of the domain reads."""

    target_class = "accounts.api.fields.Text"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> Schema:
        """What the rule, or the field itself, says of it."""
        field = self.target
        said = {**RULES.get(field.rule, {}), **field.like}
        if not field.allow_blank:
            return {"type": "string", "minLength": 1, **said}
        if pattern := said.pop("pattern", None):
            said["allOf"] = [{"pattern": pattern}]  # beside a bare one "" would be named as another shape
        return {"type": "string", **said}
