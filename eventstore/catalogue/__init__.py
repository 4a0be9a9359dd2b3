"""The catalogue of events and commands: what they hold, in which versions, who emits them and who is given them.

It is made of what there is already: the classes with their docstrings, the recorded shapes, the rules, the
projections, the settings of the relay. `manage.py catalogue` writes it, and the admin shows it (docs/catalogue.md).

- `notes`, `flow`: what the code says of fields, and who emits what; `entries` puts all of it together;
- `schemas`, `examples`, `envelope`: JSON Schema of shapes and of what the relay delivers, with made-up examples;
- `bundle`, `channels`, `asyncapi`, `documents`: what is written; `findings`: what is missing or out of date.
"""

from eventstore.catalogue.asyncapi import asyncapi
from eventstore.catalogue.bundle import json_schema
from eventstore.catalogue.entries import Entry, Field, Reader, Version, entries
from eventstore.catalogue.findings import Finding, findings
from eventstore.catalogue.notes import texts_of

__all__ = [
    "Entry",
    "Field",
    "Finding",
    "Reader",
    "Version",
    "asyncapi",
    "entries",
    "findings",
    "json_schema",
    "texts_of",
]
