"""The examination of the seals: whether heads are signed, how much waits for one, and whether they are kept outside."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.core.exceptions import ImproperlyConfigured

from eventstore.backends import store
from eventstore.checks.doctor.findings import Finding, act, fine, look
from eventstore.integrity import outside, seal_keys, trees, witness
from eventstore.integrity.tail import Tail, tail_of
from eventstore.integrity.trees import Tree
from eventstore.log.database import now
from eventstore.models import TreeHead
from eventstore.verifier import notes

PATIENCE: Final = timedelta(minutes=10)  # for which what was recorded may wait for a seal
SUBJECT: Final = "seals"
MAKE_A_KEY: Final = "Name a file in SEAL_KEY_FILE, and type: manage.py seal --new-key"
SEAL: Final = "manage.py seal --watch (`manage.py serve` runs it)"
KEEP_OUTSIDE: Final = (
    "Name a file in SEAL_FILE that the owner of the database can't change, or a witness in SEAL_WITNESS_URL: "
    "docs/operations.md, Seals"
)


def seals() -> Iterator[Finding]:
    """Examines the key, the newest heads, what waits for one, and where they are kept; on the primary alone."""
    if store().subscribes():
        return
    if lack := _key():
        yield lack
        return
    heads = {tree: trees.newest_head(tree) for tree in Tree}
    found = [*_tails(heads), *_outside(heads)]
    yield from found or [fine(SUBJECT, _state(heads))]


def _key() -> Finding | None:
    try:
        is_there = bool(seal_keys.private_keys())
    except ImproperlyConfigured as error:
        cause, _dot, hint = str(error).partition(". ")
        return act(SUBJECT, f"{cause}, so nothing is sealed.", hint)
    return None if is_there else look(SUBJECT, "There is no key to sign heads with, so nothing is sealed.", MAKE_A_KEY)


def _tails(heads: dict[Tree, TreeHead | None]) -> Iterator[Finding]:
    """What has waited for too long: nobody seals, or somebody refuses to."""
    for tree in heads:
        tail = tail_of(tree)
        if tail.since and now() - tail.since > PATIENCE:
            says = f"Not sealed since {tail.since:%Y-%m-%d %H:%M} UTC: {_count(tail)} of the {tree}."
            yield look(SUBJECT, says, SEAL)


def _outside(heads: dict[Tree, TreeHead | None]) -> Iterator[Finding]:
    path = outside.file()
    if path is None:
        if not witness.is_asked():
            says = "Heads are kept in the database alone, whose owner could take them back."
            yield look(SUBJECT, says, KEEP_OUTSIDE)
        return
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        yield act(SUBJECT, f"SEAL_FILE, {path}, can't be written, so nothing is sealed.", KEEP_OUTSIDE)
        return
    for head in filter(None, heads.values()):
        signed = notes.read_head(head.note)
        if outside.newest(signed.origin, seal_keys.known_keys()) != signed:
            says = f"SEAL_FILE, {path}, does not end with the newest head of the tree of {head.tree}."
            yield look(SUBJECT, says, "manage.py seal, which writes it, or says what is wrong")


def _state(heads: dict[Tree, TreeHead | None]) -> str:
    signed = [head.signed_at for head in heads.values() if head]
    if not signed:
        return "Nothing is sealed yet, as nothing was recorded before the last minutes."
    waiting = sum(tail_of(tree).rows for tree in heads)
    return (
        f"The last head is of {max(signed):%Y-%m-%d %H:%M:%S} UTC; {waiting:,} events and commands wait for the next."
    )


def _count(tail: Tail) -> str:
    return f"{tail.rows:,}{' or more' if tail.is_cut else ''}"
