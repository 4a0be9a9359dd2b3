"""Erasable personal data: fields encrypted with a key per person; deleting the key erases the data.

AES-256-GCM, with the subject, the message's type and the field as associated data, so that a ciphertext can't be
moved elsewhere. The subjects' keys are themselves encrypted with the site's `PERSONAL_DATA_KEY`.
The idea is known as crypto-shredding (Mathias Verraes, "Eventsourcing Patterns: Crypto-Shredding", 2019).
"""

import base64
import dataclasses
import hmac
import os
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils import timezone

from eventstore import messages
from eventstore.messages import MessageType
from eventstore.models import Parked, SubjectKey

__all__ = ["SubjectErased", "conceal", "erase", "keyed_hash", "omit", "reveal"]

T = TypeVar("T")

_NONCE = 12  # bytes, as NIST SP 800-38D recommends for GCM


def conceal(message: T) -> T:
    """The message with its personal fields encrypted; makes its subject's key on first use.

    Raises SubjectErased if the subject has been erased: nothing more can be stored about them.
    """
    kind = messages.type_of(message)
    if not kind.personal:
        return message
    subject = kind.subject_of(message)
    cipher = AESGCM(_key_of(subject))
    return _replace(message, {name: _encrypt(cipher, kind, subject, name, message) for name in kind.personal})


def omit(message: T) -> T:
    """The message without its personal fields."""
    return _replace(message, dict.fromkeys(messages.type_of(message).personal))


def reveal(found: Iterable[T]) -> list[T]:
    """The messages with their personal fields decrypted; `None` where the subject has been erased."""
    shown = list(found)
    concealed = [place for place, message in enumerate(shown) if messages.type_of(message).personal]
    subjects = {messages.type_of(shown[place]).subject_of(shown[place]) for place in concealed}
    keys = _keys_of(subject for subject in subjects if subject)
    for place in concealed:
        shown[place] = _reveal(shown[place], keys)
    return shown


def erase(subject: UUID) -> bool:
    """Delete a subject's key for ever; whether there was one to delete."""
    keys = SubjectKey.objects.filter(subject_id=subject, erased_at=None)
    erased = bool(keys.update(wrapped=None, erased_at=timezone.now()))
    Parked.forget_errors()
    return erased


def keyed_hash(text: bytes) -> bytes:
    """A hash of 32 bytes with a key of this site's, so that the text can't be found by trying."""
    return hmac.digest(_site_key(b"fingerprint"), text, "sha256")


class SubjectErased(Exception):
    """The person has been erased; nothing personal is stored about them any more."""


def _key_of(subject: UUID | None) -> bytes:
    if subject is None:
        raise SubjectErased("A message with personal fields must name its subject.")
    SubjectKey.objects.bulk_create(
        [SubjectKey(subject_id=subject, wrapped=_wrap(subject, AESGCM.generate_key(256)))],
        ignore_conflicts=True,
    )
    wrapped = SubjectKey.objects.values_list("wrapped", flat=True).get(subject_id=subject)
    if wrapped is None:
        raise SubjectErased(f"{subject} has been erased. {SubjectErased.__doc__}")
    return _unwrap(subject, bytes(wrapped))


def _keys_of(subjects: Iterable[UUID]) -> dict[UUID, bytes]:
    stored = SubjectKey.objects.filter(subject_id__in=list(subjects), erased_at=None)
    return {key.subject_id: _unwrap(key.subject_id, bytes(key.wrapped or b"")) for key in stored}


def _reveal(message: T, keys: Mapping[UUID, bytes]) -> T:
    kind = messages.type_of(message)
    subject = kind.subject_of(message)
    key = keys.get(subject) if subject else None
    return _replace(message, {name: _decrypt(key, kind, subject, name, message) for name in kind.personal})


def _encrypt(cipher: AESGCM, kind: MessageType, subject: UUID | None, name: str, message: object) -> str | None:
    clear: str | None = getattr(message, name)
    if clear is None:
        return None
    nonce = os.urandom(_NONCE)
    sealed = cipher.encrypt(nonce, clear.encode(), _context(kind, subject, name))
    return base64.b64encode(nonce + sealed).decode()


def _decrypt(key: bytes | None, kind: MessageType, subject: UUID | None, name: str, message: object) -> str | None:
    text: str | None = getattr(message, name)
    if text is None or key is None:
        return None
    sealed = base64.b64decode(text)
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _context(kind, subject, name)).decode()


def _context(kind: MessageType, subject: UUID | None, name: str) -> bytes:
    return f"{subject}/{kind.name}/{name}".encode()


def _wrap(subject: UUID, key: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_site_key(b"wrap")).encrypt(nonce, key, subject.bytes)


def _unwrap(subject: UUID, wrapped: bytes) -> bytes:
    return AESGCM(_site_key(b"wrap")).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], subject.bytes)


def _site_key(purpose: bytes) -> bytes:
    """A key for one purpose, derived from the one secret in the settings."""
    return _derived(settings.PERSONAL_DATA_KEY, purpose)


@cache
def _derived(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose, "sha256")


def _replace(message: T, changes: Mapping[str, Any]) -> T:
    return dataclasses.replace(message, **changes)  # type: ignore[type-var]
