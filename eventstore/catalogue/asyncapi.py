"""The catalogue as a document of AsyncAPI 3.0: what this application sends, and where.

Commands are among the components: they are stored, and not sent, so they have no channel. Schemas are in the words of
draft 07, which every tool for AsyncAPI knows.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from eventstore.catalogue.bundle import data_schemas, definition_of, delivered_schemas, message_name, title_of
from eventstore.catalogue.channels import TRAITS, Channel, channels, server_names, servers
from eventstore.catalogue.entries import Entry, entries
from eventstore.catalogue.envelope import NAME, envelope
from eventstore.catalogue.schemas import as_draft_07
from eventstore.relay import relays
from eventstore.relay.envelope import CONTENT_TYPE
from eventstore.relay.options import Options

VERSION: Final = "3.0.0"
_PLACE: Final = "#/components/schemas/"
_DESCRIPTION: Final = (
    "Each event arrives at least once, in the order of its stream, as a CloudEvent with the same id each time. Drop "
    "ids that you have seen, and ignore attributes and fields that you don't know."
)


def asyncapi(of: Sequence[Entry] | None = None, targets: Sequence[Options] | None = None) -> dict[str, Any]:
    """The document; of all entries and all targets of the relay by default.

    `info.version` is a digest of the rest: it changes when a consumer may have to look.
    """
    found = entries() if of is None else of
    to = [relay.options for relay in relays().values()] if targets is None else targets
    sent = channels(found, to)
    document = {
        **({"servers": servers(to)} if to else {}),
        "channels": {channel.name: _channel(channel) for channel in sent},
        "operations": {f"send.{channel.name}": _operation(channel) for channel in sent},
        "components": _components(found, sorted({channel.trait for channel in sent if channel.trait})),
    }
    version = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:12]
    info = {"title": title_of(found), "version": version, "description": _DESCRIPTION}
    return {"asyncapi": VERSION, "info": info, "defaultContentType": "application/json", **document}


def _channel(channel: Channel) -> dict[str, Any]:
    names = server_names(channel.target) if channel.target else []
    return {
        "address": channel.address,
        "description": channel.description,
        **({"servers": [{"$ref": f"#/servers/{name}"} for name in names]} if names else {}),
        "messages": {entry.name: _message(entry, channel) for entry in channel.entries},
    }


def _operation(channel: Channel) -> dict[str, Any]:
    place = f"#/channels/{channel.name}"
    return {
        "action": "send",
        "channel": {"$ref": place},
        "messages": [{"$ref": f"{place}/messages/{entry.name}"} for entry in channel.entries],
        **({"bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}}} if channel.trait == "webhook" else {}),
    }


def _message(entry: Entry, channel: Channel) -> dict[str, Any]:
    """An event as it is sent on a channel; who makes and reads it here is told besides, by extensions."""
    example = entry.delivered(with_personal=channel.with_personal)
    return {
        **_named(entry),
        "contentType": CONTENT_TYPE.partition(";")[0],
        "payload": {"$ref": f"{_PLACE}{message_name(entry)}"},
        **({"traits": [{"$ref": f"#/components/messageTraits/{channel.trait}"}]} if channel.trait else {}),
        **({"examples": [{"payload": example}]} if example else {}),
        "x-emitted-by": list(entry.made_by),
        "x-version": entry.present.number,
    }


def _command(entry: Entry) -> dict[str, Any]:
    return {**_named(entry), "payload": {"$ref": f"{_PLACE}{definition_of(entry.name)}"}, "x-emits": list(entry.emits)}


def _named(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "title": entry.title,
        **({"summary": entry.description} if entry.description else {}),
        "tags": [{"name": entry.noun}, {"name": entry.category}],
    }


def _components(found: Sequence[Entry], traits: Sequence[str]) -> dict[str, Any]:
    return {
        "messages": {entry.name: _command(entry) for entry in found if entry.noun == "command"},
        **({"messageTraits": {name: TRAITS[name] for name in traits}} if traits else {}),
        "schemas": as_draft_07({NAME: envelope(), **delivered_schemas(found, _PLACE), **data_schemas(found)}),
    }
