"""An entry as JSON values, for `manage.py catalogue --json`."""

from typing import Any

from eventstore.catalogue.entries import Entry, Field, Version


def facts_of(entry: Entry) -> dict[str, Any]:
    """All that the catalogue says of an event or a command."""
    return {
        "noun": entry.noun,
        "name": entry.name,
        "category": entry.category,
        "class": f"{entry.kind.cls.__module__}.{entry.title}",
        "description": entry.description,
        "version": entry.present.number,
        "subject": entry.kind.subject,
        "streams": dict(entry.kind.streams),
        "fields": [_field(field) for field in entry.fields],
        "versions": [_version(version) for version in entry.versions],
        "emits": list(entry.emits),
        "made_by": list(entry.made_by),
        "read_by": [{"name": reader.name, "mode": reader.mode} for reader in entry.read_by],
        "example": entry.present.example,
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": field.type,
        "description": field.note.text,
        "unit": field.note.unit,
        "personal": field.is_personal,
    }


def _version(version: Version) -> dict[str, Any]:
    return {"version": version.number, "fields": version.shape.fields, "upcast_by": version.upcast_by}
