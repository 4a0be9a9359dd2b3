"""AsyncAPI 3.0: the document is what the specification wants, and what the relay does."""

import json
from typing import Any
from uuid import UUID

import jsonschema  # type: ignore[import-untyped]
import pytest

from eventstore import feed
from eventstore.catalogue import asyncapi, json_schema
from eventstore.catalogue.channels import TRAITS
from eventstore.catalogue.entries import Entry, entry_of
from eventstore.execute import execute
from eventstore.log.identity import identity
from eventstore.messages import type_of
from eventstore.relay.envelope import Message, message
from eventstore.relay.options import Options, read
from eventstore.relay.webhook import Webhook
from tests.eventstore.catalogue.sample import kinds
from tests.eventstore.catalogue.schemas import Schemas, faults_of_asyncapi
from tests.eventstore.sample import Count, Counted, NotePerson, PersonNoted

SECRET = "whsec_" + "A" * 40
TARGETS: dict[str, dict[str, Any]] = {
    "bus": {"url": "tls://user:hidden@one:4222,two:4222/EVENTS?subject=boxes"},
    "lake": {"url": "kafka://one:9092/events?security.protocol=SASL_SSL", "personal": True},
    "partner": {"url": "https://partner.example/in", "secret": SECRET, "types": ["hamper.emptied"]},
}


def found() -> list[Entry]:
    return [entry_of(kind, {}, {"hamper.fill": frozenset({"hamper.filled"})}, {}) for kind in kinds()]


def targets() -> list[Options]:
    return [read(name, declared) for name, declared in TARGETS.items()]


def made(of: list[Options]) -> dict[str, Any]:
    return asyncapi(found(), of)


@pytest.mark.once("made of settings")
@pytest.mark.parametrize("of", [targets(), []], ids=["every kind of target", "no target"])
def test_it_is_valid(of: list[Options]) -> None:
    assert faults_of_asyncapi(made(of)) == []


@pytest.mark.once("made of settings")
def test_what_is_not_valid_is_noticed() -> None:
    document = made([])
    document["channels"]["hamper.emptied"]["adress"] = "x"
    assert faults_of_asyncapi(document)


@pytest.mark.once("made of settings")
def test_each_reference_leads_somewhere() -> None:
    document = made(targets())
    for reference in references(document):
        place = document
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]


@pytest.mark.once("made of settings")
def test_channels_are_the_subjects_topics_and_addresses_of_targets() -> None:
    channels = made(targets())["channels"]
    assert {name: channel["address"] for name, channel in channels.items()} == {
        "bus.hamper.filled": "boxes.hamper.hamper.filled",
        "bus.hamper.emptied": "boxes.hamper.hamper.emptied",
        "bus.hamper.named": "boxes.hamper.hamper.named",
        "lake": "events",
        "partner": "/in",
    }
    assert list(channels["lake"]["messages"]) == ["hamper.filled", "hamper.emptied", "hamper.named"]
    assert list(channels["partner"]["messages"]) == ["hamper.emptied"], "as its types say"


@pytest.mark.once("made of settings")
def test_personal_examples_are_for_those_who_are_given_them() -> None:
    channels = made(targets())["channels"]
    owners = [
        channels[name]["messages"]["hamper.filled"]["examples"][0]["payload"]["data"].get("owner")
        for name in ("bus.hamper.filled", "lake")
    ]
    assert owners == [None, "<owner>"]


@pytest.mark.once("made of settings")
def test_servers_are_told_without_secrets() -> None:
    document = made(targets())
    assert document["servers"] == {
        "bus-1": {"host": "one:4222", "protocol": "nats"},
        "bus-2": {"host": "two:4222", "protocol": "nats"},
        "lake": {"host": "one:9092", "protocol": "kafka-secure"},
        "partner": {"host": "partner.example", "protocol": "https"},
    }
    assert "hidden" not in json.dumps(document)
    assert SECRET not in json.dumps(document)


@pytest.mark.once("made of settings")
def test_its_version_changes_with_it_and_not_by_itself() -> None:
    first, again, other = made([]), made([]), made(targets())
    assert first["info"]["version"] == again["info"]["version"] != other["info"]["version"]


@pytest.mark.once("made of settings")
def test_a_webhook_has_the_headers_that_are_described() -> None:
    webhook = Webhook(targets()[2])
    headers = webhook._headers(Message(UUID(int=1), UUID(int=2), "hamper", "hamper.emptied", b"{}"))
    schemas = Schemas({"$defs": {"headers": TRAITS["webhook"]["headers"]}})
    assert schemas.faults("headers", dict(headers)) == []


@pytest.mark.once("an envelope is made of what was read")
@pytest.mark.django_db
@pytest.mark.usefixtures("sample")
def test_what_the_relay_delivers_is_as_described() -> None:
    document = json_schema([entry_of(type_of(cls), {}, {}, {}) for cls in (Counted, PersonNoted)])
    schemas = Schemas(document)
    execute(Count(UUID(int=1), 3), "a", actor="ann", correlation_id=UUID(int=9), causation_id=UUID(int=8))
    execute(NotePerson(UUID(int=7), "Ada"), "b", actor="ann")
    for record in feed.between(0, feed.advance().position):
        for with_personal in (False, True):
            body = json.loads(message(record, identity(), with_personal=with_personal).body)
            assert schemas.faults(f"{record.type.replace('.', '-')}-message", body) == []
            jsonschema.validate(body, document)  # as the guide has it
            assert schemas.faults(f"{record.type.replace('.', '-')}-message", body | {"type": "hamper.other"})


def references(part: Any) -> list[str]:
    match part:
        case {"$ref": str(reference)}:
            return [reference]
        case dict():
            return [each for value in part.values() for each in references(value)]
        case list():
            return [each for value in part for each in references(value)]
        case _:
            return []
