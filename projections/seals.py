"""The signed head that something is sealed under, as pages and papers show it."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from eventstore.models import TreeHead
from eventstore.proofs import key_of

__all__ = ["Seal", "sealed_under"]


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed head for a reader: the name of its tree, how many leaves, their root in base64, and the key."""

    origin: str
    size: int
    root: str
    key: str
    signed_at: datetime


def sealed_under(head: TreeHead | None) -> Seal | None:
    """What is shown of a head; None if there is none."""
    if head is None:
        return None
    origin = head.note.partition("\n")[0]
    return Seal(origin, head.size, b64encode(bytes(head.root)).decode(), key_of(head.note), head.signed_at)
