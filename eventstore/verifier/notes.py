"""Signed notes, and the heads of trees in them: C2SP's `signed-note`, `tlog-checkpoint` and `tlog-cosignature`.

A head is three lines of text: the *origin*, which names the tree for all time, its size, and its root in base64. An
empty line and the signatures follow, each by a key with a name. Any verifier of transparency logs reads it.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["Head", "InvalidNote", "Key", "Signature", "opened", "read_head", "read_key", "sign", "split"]

ED25519: Final = 0x01  # a signature over the note's text
COSIGNATURE: Final = 0x04  # a witness's, over the text and the time at which it saw it
DASH: Final = "\N{EM DASH} "


class InvalidNote(Exception):
    """A note is not what it should be; the message says why."""


class Head(NamedTuple):
    """The head of a tree: whose it is, how many leaves it has, and their root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signature(NamedTuple):
    """A signature of a note: the key's name, its id of 4 bytes, and what the key's algorithm has made."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def line(self) -> str:
        """The line in a note that holds it."""
        return f"{DASH}{self.name} {base64.b64encode(self.key_id + self.value).decode()}\n"


@dataclass(frozen=True)
class Key:
    """A public key by which notes are verified; as text `name+id+key`, the id in hexadecimal, the key in base64."""

    name: str
    public: bytes
    algorithm: int = ED25519

    @property
    def id(self) -> bytes:
        """A hash of name and key, by which signatures name their key."""
        return hashlib.sha256(f"{self.name}\n".encode() + bytes([self.algorithm]) + self.public).digest()[:4]

    def __str__(self) -> str:
        key = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"

    def has_signed(self, text: str, value: bytes) -> bool:
        """Whether this key has made a signature over a text."""
        signed = text.encode()
        if self.algorithm == COSIGNATURE:
            signed = f"cosignature/v1\ntime {int.from_bytes(value[:8], 'big')}\n".encode() + signed
            value = value[8:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(value, signed)
        except InvalidSignature:
            return False
        return True


def read_key(text: str) -> Key:
    """The key in a text `name+id+key`; raises InvalidNote unless it is one that we know how to use."""
    try:
        name, key_id, encoded = text.strip().split("+", 2)
        decoded = base64.b64decode(encoded, validate=True)
        key = Key(name, decoded[1:], decoded[0])
        own_id = key.id.hex()
    except (ValueError, IndexError) as error:
        raise InvalidNote(f"{text.strip()!r} is no key: it must be name+id+key.") from error
    if key.algorithm not in (ED25519, COSIGNATURE) or len(key.public) != 32 or own_id != key_id.lower():
        raise InvalidNote(f"The key of {name!r} is damaged, or of a kind that is not known here.")
    return key


def sign(text: str, name: str, private: Ed25519PrivateKey) -> str:
    """The line with which a key signs a text that ends with a newline."""
    key = Key(name, private.public_key().public_bytes_raw())
    return Signature(name, key.id, private.sign(text.encode())).line


def split(note: str) -> tuple[str, list[Signature]]:
    """The text of a note, and its signatures; raises InvalidNote for what is no note."""
    text, parted, lines = note.rpartition("\n\n")
    if not parted or not lines.endswith("\n"):
        raise InvalidNote("This is no signed note: no empty line stands before its signatures.")
    return f"{text}\n", [_signature(line) for line in lines.splitlines()]


def opened(note: str, keys: Iterable[Key]) -> tuple[str, list[Key]]:
    """The text of a note, and those of the keys that have signed it.

    Raises InvalidNote if none of them has, or if a signature that names one of them does not verify. Signatures of
    other keys are passed over, as the standard has it.
    """
    known = {(key.name, key.id): key for key in keys}
    text, signatures = split(note)
    signers = []
    for signature in signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not key.has_signed(text, signature.value):
            raise InvalidNote(f"The signature of {key.name} does not fit the text.")
        signers.append(key)
    if not signers:
        raise InvalidNote("None of the keys that are trusted has signed this.")
    return text, signers


def read_head(text: str) -> Head:
    """The head in the text of a note; raises InvalidNote for another text. Lines beyond the third are passed over."""
    lines = text.split("\n")
    if (
        len(lines) < 4
        or not lines[0]
        or not (lines[1].isascii() and lines[1].isdigit())
        or str(int(lines[1])) != lines[1]
    ):
        raise InvalidNote("This is no head of a tree: it has three lines, and the second one is a size.")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError as error:  # a character beyond ASCII is not a binascii.Error
        raise InvalidNote("The root is not in base64.") from error
    if len(root) != 32:
        raise InvalidNote("A root has 32 bytes.")
    return Head(lines[0], int(lines[1]), root)


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(DASH).partition(" ")
    try:
        value = base64.b64decode(encoded, validate=True)
    except ValueError as error:  # a character beyond ASCII is not a binascii.Error
        raise InvalidNote(f"The signature line {line!r} is not in base64.") from error
    if not line.startswith(DASH) or not name or len(value) < 5:
        raise InvalidNote(f"{line!r} is no signature line.")
    return Signature(name, value[:4], value[4:])
