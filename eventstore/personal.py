"""Erasable personal data: fields encrypted with a key per person; deleting the key erases the data.

The idea is known as crypto-shredding (Mathias Verraes, "Eventsourcing Patterns: Crypto-Shredding", 2019). How the keys
of persons are kept is in `eventstore.keys`; what this protects, and what it does not, in `docs/security.md`.
"""

import hmac

from eventstore.errors import ErasureListUnavailable, KeysUnavailable
from eventstore.keys.command import KeyedCommand
from eventstore.keys.erase import erase
from eventstore.keys.erase_again import apply_missing, erase_again_by
from eventstore.keys.fields import UNREADABLE, Unreadable, conceal, omit, reveal, shown
from eventstore.keys.ring import problem as keys_problem
from eventstore.keys.ring import ring
from eventstore.keys.subjects import SubjectErased

__all__ = [
    "UNREADABLE",
    "ErasureListUnavailable",
    "KeyedCommand",
    "KeysUnavailable",
    "SubjectErased",
    "Unreadable",
    "apply_missing",
    "conceal",
    "erase",
    "erase_again_by",
    "keyed_hash",
    "keys_problem",
    "omit",
    "reveal",
    "shown",
]


def keyed_hash(text: bytes) -> bytes:
    """A hash of 32 bytes with a key of this site's, so that the text can't be found by trying.

    The key outlives every rotation. Raises KeysUnavailable in a process with the wrong master key.
    """
    return hmac.digest(ring().hashing, text, "sha256")
