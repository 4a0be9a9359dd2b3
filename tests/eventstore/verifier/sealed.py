"""A small sealed log without a database: rows, their digests, two trees and signed heads, as the engine makes them."""

import base64
from collections.abc import Sequence
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eventstore.verifier import merkle
from eventstore.verifier.digests import command_digest, event_digest
from eventstore.verifier.documents import FORMAT
from eventstore.verifier.notes import Head, Key, sign

PRIVATE: Final = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY: Final = Key("bank.example", PRIVATE.public_key().public_bytes_raw())
STRANGER: Final = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
LOG: Final = "bank.example/0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b/1"
STREAM: Final = "0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b"

Json = dict[str, Any]


def event(version: int, **changed: Any) -> Json:
    """An event of one stream."""
    return {
        "event_id": f"0190a6f2-7c3e-7d4a-8b1f-{version:012}",
        "category": "account",
        "stream_id": STREAM,
        "version": version,
        "type": "account.money_deposited",
        "schema_version": 1,
        "recorded_at": f"2026-01-02T03:04:{version:02}.000100Z",
        "metadata": '{"actor":"customer:1"}',
        "data": f'{{"amount":{version},"reference":"für Ä"}}',
        **changed,
    }


def command(number: int) -> Json:
    return {
        "command_id": f"0190a6f2-7c3e-7d4a-8b1f-{number:012}",
        "actor": "customer:1",
        "key": "one",
        "fingerprint": "ab" * 32,
        "type": "account.deposit",
        "schema_version": 1,
        "accepted": True,
        "recorded_at": "2026-01-02T03:04:05Z",
        "metadata": "{}",
        "data": '{"amount":1}',
        "response": '{"balance":1}',
    }


def chained(rows: Sequence[Json], previous: bytes = bytes(32)) -> list[bytes]:
    """The digests of the events of a stream."""
    digests = [previous]
    for row in rows:
        digests.append(event_digest(digests[-1], row))
    return digests[1:]


class Tree:
    """A tree over some digests."""

    def __init__(self, name: str, entries: Sequence[tuple[int, bytes]]) -> None:
        self.name = name
        self.leaves = [merkle.leaf_hash(merkle.entry(*entry)) for entry in entries]

    def node(self, level: int, place: int) -> bytes:
        if level == 0:
            return self.leaves[place]
        return merkle.node_hash(self.node(level - 1, 2 * place), self.node(level - 1, 2 * place + 1))

    def head(self, size: int) -> Head:
        return Head(f"{LOG}/{self.name}", size, merkle.range_root(self.node, 0, size))

    def note(self, size: int, by: Ed25519PrivateKey = PRIVATE) -> str:
        text = self.head(size).text
        return f"{text}\n{sign(text, KEY.name, by)}"

    def inclusion(self, index: int, size: int) -> Json:
        path = merkle.inclusion_proof(self.node, index, size)
        return {"index": index, "size": size, "path": in_base64(path), "head": self.note(size), "keys": [str(KEY)]}

    def consistency(self, old: int, new: int) -> Json:
        path = merkle.consistency_proof(self.node, old, new)
        notes = {"old": self.note(old), "new": self.note(new)}
        return {"format": FORMAT, "kind": "consistency", **notes, "path": in_base64(path), "keys": [str(KEY)]}


ROWS: Final = [event(version) for version in range(1, 8)]
DIGESTS: Final = chained(ROWS)
EVENTS: Final = Tree("events", [(10 * row["version"], digest) for row, digest in zip(ROWS, DIGESTS, strict=True)])
COMMANDS: Final = Tree("commands", [(number, command_digest(command(number))) for number in range(1, 4)])


def in_base64(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in hashes]


def event_proof(index: int = 4, size: int = 7) -> Json:
    return {
        "format": FORMAT,
        "kind": "event",
        "position": 10 * (index + 1),
        "event": dict(ROWS[index]),
        "personal": [],
        "previous": (DIGESTS[index - 1] if index else bytes(32)).hex(),
        "digest": DIGESTS[index].hex(),
        **EVENTS.inclusion(index, size),
    }


def command_proof(index: int = 1, size: int = 3) -> Json:
    row = command(index + 1)
    return {
        "format": FORMAT,
        "kind": "command",
        "number": index + 1,
        "command": row,
        "digest": command_digest(row).hex(),
        **COMMANDS.inclusion(index, size),
    }


def stream_proof(first: int = 2, last: int = 5, size: int = 7) -> Json:
    return {
        "format": FORMAT,
        "kind": "stream",
        "position": 10 * (last + 1),
        "events": [dict(row) for row in ROWS[first : last + 1]],
        "previous": DIGESTS[first - 1].hex(),
        "digest": DIGESTS[last].hex(),
        **EVENTS.inclusion(last, size),
    }
