"""The catalogue of the product: nothing is left out, and all examples fit. `test_domain` holds it against a world."""

import pytest

from eventstore.catalogue import asyncapi, entries, findings, json_schema
from tests.demo.described import makers
from tests.eventstore.catalogue.schemas import Schemas, faults_of_asyncapi

pytestmark = pytest.mark.once("made of code")

OF_THE_ENGINE = {"projection.event_skipped"}  # recorded without a command, by whoever skips an event


def test_each_event_comes_of_a_command_and_each_command_leads_to_events() -> None:
    assert {name for name, commands in makers().items() if not commands} == OF_THE_ENGINE
    silent = {entry.name for entry in entries() if entry.noun == "command" and not entry.emits}
    assert silent == {"account.adjust_balance", "bulk.send"}  # the one by approval alone, the other by its items


def test_nothing_is_left_undescribed_or_unrecorded() -> None:
    assert findings() == []


def test_all_examples_are_as_described() -> None:
    document = json_schema()
    schemas = Schemas(document)
    for name, schema in document["$defs"].items():
        made = schema.get("examples", [])
        assert made or name == "envelope"
        assert [fault for each in made for fault in schemas.faults(name, each)] == []


def test_the_document_for_consumers_is_valid() -> None:
    assert faults_of_asyncapi(asyncapi()) == []
