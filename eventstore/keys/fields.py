"""Personal fields: encrypted in messages that are stored, decrypted in messages that are read.

AES-256-GCM, with the subject, the message's type and the field as associated data, so that a ciphertext can't be
moved elsewhere.
"""

import base64
import binascii
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from eventstore import messages
from eventstore.keys.masters import CannotUnwrap, seal, unseal
from eventstore.keys.subjects import Fault, key_to_write, keys_to_read
from eventstore.messages import MessageType

T = TypeVar("T")

UNREADABLE = "[can't be decrypted]"  # what a read model holds, until the key is restored and it is rebuilt


class Unreadable(str):
    """The text in place of one that can't be decrypted, though its person was not erased; `fault` says why."""

    __slots__ = ("fault",)
    fault: Fault

    def __new__(cls, fault: Fault) -> "Unreadable":
        """The same text for every fault, so that what is made of it does not depend on the fault."""
        made = super().__new__(cls, UNREADABLE)
        made.fault = fault
        return made


def shown(value: Any) -> Any:
    """A message or a state as JSON values, to be shown: what can't be decrypted as its text. Nothing else stores it."""
    return msgspec.to_builtins(value, enc_hook=_text_of)


def _text_of(value: Any) -> str:
    if isinstance(value, Unreadable):
        return UNREADABLE
    raise NotImplementedError(f"{type(value).__name__} is not JSON")


class UnreadableField(NamedTuple):
    """A personal field that can't be decrypted, and why."""

    name: str
    subject: UUID | None
    fault: Fault


def conceal(message: T) -> T:
    """The message with its personal fields encrypted; makes its subject's key on first use.

    Raises SubjectErased if the subject has been erased: nothing more can be stored about them.
    """
    kind = messages.type_of(message)
    if not kind.personal:
        return message
    subject = kind.subject_of(message)
    key = key_to_write(subject)
    return _replace(message, {name: _encrypt(key, kind, subject, name, message) for name in kind.personal})


def omit(message: T) -> T:
    """The message without its personal fields."""
    return _replace(message, dict.fromkeys(messages.type_of(message).personal))


def reveal(found: Iterable[T]) -> list[T]:
    """The messages with their personal fields decrypted.

    A field is `None` where the subject has been erased, and Unreadable where its key or its text is damaged or lost.
    """
    shown = list(found)
    concealed = [place for place, message in enumerate(shown) if messages.type_of(message).personal]
    subjects = {messages.type_of(shown[place]).subject_of(shown[place]) for place in concealed}
    keys = keys_to_read(subject for subject in subjects if subject)
    for place in concealed:
        shown[place] = _reveal(shown[place], keys)
    return shown


def unreadable_fields(message: object) -> Iterator[UnreadableField]:
    """The fields of a message that `reveal` could not decrypt."""
    kind = messages.type_of(message)
    for name in kind.personal:
        found = getattr(message, name)
        if isinstance(found, Unreadable):
            yield UnreadableField(name, kind.subject_of(message), found.fault)


def _reveal(message: T, keys: Mapping[UUID, bytes | Fault | None]) -> T:
    kind = messages.type_of(message)
    subject = kind.subject_of(message)
    key = keys[subject] if subject else None
    return _replace(message, {name: _decrypt(key, kind, subject, name, message) for name in kind.personal})


def _encrypt(key: bytes, kind: MessageType, subject: UUID | None, name: str, message: object) -> str | None:
    clear: str | None = getattr(message, name)
    if clear is None:
        return None
    return base64.b64encode(seal(key, clear.encode(), _context(kind, subject, name))).decode()


def _decrypt(
    key: bytes | Fault | None, kind: MessageType, subject: UUID | None, name: str, message: object
) -> str | None:
    text: str | None = getattr(message, name)
    if text is None or key is None:
        return None
    if isinstance(key, Fault):
        return Unreadable(key)
    try:
        return unseal(key, base64.b64decode(text, validate=True), _context(kind, subject, name)).decode()
    except (CannotUnwrap, binascii.Error, ValueError):
        return Unreadable(Fault.BAD_TEXT)


def _context(kind: MessageType, subject: UUID | None, name: str) -> bytes:
    return f"{subject}/{kind.name}/{name}".encode()


def _replace(message: T, changes: Mapping[str, Any]) -> T:
    return dataclasses.replace(message, **changes)  # type: ignore[type-var]
