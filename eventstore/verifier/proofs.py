"""Proofs: that an event or a command is in a tree, that a part of a stream is, that one head continues another."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from eventstore.verifier import merkle
from eventstore.verifier.digests import command_digest, event_digest
from eventstore.verifier.documents import (
    Document,
    command_of,
    event_of,
    hashes_of,
    hex_of,
    number_of,
    once,
    parse,
    text_of,
)
from eventstore.verifier.heads import same_tree
from eventstore.verifier.outcome import CannotCheck, Finding, Wrong
from eventstore.verifier.trust import Trust

__all__ = ["check_proof"]


def check_proof(text: str, trust: Trust) -> Finding:
    """What a proof shows; raises Wrong where it does not hold, and CannotCheck where it can't be read."""
    document = parse(text)
    check = _CHECKS.get(text_of(document, "kind"))
    if check is None:
        raise CannotCheck(f"Proofs of the kind {document['kind']!r} are not known to this version.")
    return check(document, trust.offered(document.get("keys")))


def _check_event(document: Document, trust: Trust) -> Finding:
    event = event_of(document.get("event"))
    position, digest = number_of(document, "position"), event_digest(hex_of(document, "previous"), event)
    finding = _included(document, trust, "events", position, digest)
    finding.subject = f"the event {event['type']} at position {position}"
    finding.lines = [*_about_event(event), *finding.lines]
    return finding


def _check_command(document: Document, trust: Trust) -> Finding:
    command = command_of(document.get("command"))
    number = number_of(document, "number")
    finding = _included(document, trust, "commands", number, command_digest(command))
    finding.subject = f"the command {command['type']} with number {number}"
    outcome = "accepted" if command["accepted"] else "refused"
    about = [f"{outcome} at {command['recorded_at']}, sent by {command['actor']} under the key {command['key']}"]
    finding.lines = [*about, *_columns(command, "data", "response"), *finding.lines]
    return finding


def _check_stream(document: Document, trust: Trust) -> Finding:
    """Events of one stream that follow each other without a gap: the last one's digest covers them all."""
    rows = document.get("events")
    if not isinstance(rows, list) or not rows:
        raise CannotCheck("The field events is missing, or empty.")
    events = [event_of(row) for row in rows]
    digest = hex_of(document, "previous")
    for event in events:
        digest = event_digest(digest, event)
    _must_follow(events)
    first, last = events[0], events[-1]
    finding = _included(document, trust, "events", number_of(document, "position"), digest)
    finding.subject = f"events {first['version']} to {last['version']} of the {first['category']} {first['stream_id']}"
    span = f"{len(events)} events without a gap, recorded from {first['recorded_at']} to {last['recorded_at']}"
    finding.lines = [span, *map(_in_a_line, events), *finding.lines]
    return finding


def _check_consistency(document: Document, trust: Trust) -> Finding:
    old, _ = trust.opened(text_of(document, "old"))
    head, signers = trust.opened(text_of(document, "new"))
    if not same_tree(old, head):
        raise Wrong("The two heads are of different trees.")
    path = hashes_of(document, "path")
    if not merkle.is_consistent(old.size, old.root, head.size, head.root, path):
        raise Wrong(f"The tree with {head.size} leaves does not continue that with {old.size}.")
    lines = [f"the first {old.size} of its leaves are those of the older head", *trust.lines(head, signers)]
    return Finding(f"that the tree {head.origin} only grew", head, signers, lines, None, old, trust.knows(signers))


def _included(document: Document, trust: Trust, tree: str, position: int, digest: bytes) -> Finding:
    """That a leaf is in the tree; raises Wrong unless the path leads from it to the head's root."""
    if hex_of(document, "digest") != digest:
        raise Wrong("The digest does not fit the row: something in the row was changed.")
    head, signers = trust.opened(text_of(document, "head"))
    if head.origin.rpartition("/")[2] != tree:
        raise Wrong(f"The head is not one of the tree of {tree}, but of {head.origin}.")
    index = number_of(document, "index")
    leaf = merkle.leaf_hash(merkle.entry(position, digest))
    if number_of(document, "size") != head.size:
        raise Wrong("The size of the tree is not that of the head.")
    if not merkle.is_included(leaf, index, head.size, hashes_of(document, "path"), head.root):
        raise Wrong("The path does not lead from this row to the root of the head.")
    lines = [f"leaf {index} (from 0), SHA-256 {digest.hex()}", *trust.lines(head, signers)]
    return Finding("", head, signers, lines, index, None, trust.knows(signers))


def _must_follow(events: list[Document]) -> None:
    """Raises Wrong unless the events are of one stream, one version after the other."""
    first = events[0]
    for version, event in enumerate(events, first["version"]):
        if (event["category"], event["stream_id"], event["version"]) != (
            *(first["category"], first["stream_id"]),
            version,
        ):
            raise Wrong(f"The events are not those of one stream without a gap: see version {event['version']}.")


def _in_a_line(event: Document) -> str:
    _object(event["data"])
    return f"  {event['version']}  {event['recorded_at']}  {event['type']}  {event['data']}"


def _about_event(event: Document) -> Iterator[str]:
    yield f"version {event['version']} of the {event['category']} {event['stream_id']}"
    yield f"recorded at {event['recorded_at']}"
    yield from _columns(event, "data", "metadata")


def _columns(row: Document, *names: str) -> Iterator[str]:
    """The JSON columns of a row, a line for each of their fields."""
    for name in names:
        fields = _object(row[name])
        yield f"{name}:" if fields else f"{name}: none"
        yield from (f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items())


def _object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise CannotCheck(f"The row holds something that is no JSON: {error}.") from error
    return found if isinstance(found, dict) else {"": found}


_CHECKS: Final[Mapping[str, Callable[[Document, Trust], Finding]]] = {
    "event": _check_event,
    "command": _check_command,
    "stream": _check_stream,
    "consistency": _check_consistency,
}
