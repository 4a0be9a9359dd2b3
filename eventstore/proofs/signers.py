"""The keys that a proof names: those of this site's that have signed its head."""

from eventstore.integrity.seal_keys import known_keys
from eventstore.verifier.notes import split

__all__ = ["key_of", "keys_of", "known_keys"]


def keys_of(*notes: str) -> list[str]:
    """The site's keys that have signed these notes, as text: name, id and key."""
    signed = {(each.name, each.key_id) for note in notes for each in split(note)[1]}
    return [str(key) for key in known_keys() if (key.name, key.id) in signed]


def key_of(note: str) -> str:
    """The name and the id of the first key that has signed a note, for a person: `site.example+1a2b3c4d`."""
    first = split(note)[1][0]
    return f"{first.name}+{first.key_id.hex()}"
