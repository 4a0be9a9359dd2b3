"""OpenAPI schemas of strict objects and of texts; importing the module registers them with drf-spectacular."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema

from eventstore.http.fields import StrictSerializer, Text

Schema = dict[str, Any]


class StrictObjectSchema(OpenApiSerializerExtension):
    """Describes a StrictSerializer as an object without additional properties."""

    target_class = StrictSerializer
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> Schema:
        """The fields of the serializer, and no others."""
        schema: Schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


class TextSchema(OpenApiSerializerFieldExtension):
    """Describes a Text by the JSON Schema that it was given."""

    target_class = Text
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> Schema:
        """A string, with what the field says of it."""
        field: Text = self.target
        given = dict(field.json_schema)
        if not field.allow_blank:
            return {"type": "string", "minLength": 1, **given}
        if pattern := given.pop("pattern", None):
            given["allOf"] = [{"pattern": pattern}]  # beside a bare one, "" would be named as another shape
        return {"type": "string", **given}
