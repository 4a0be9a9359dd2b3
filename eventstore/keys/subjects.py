"""The keys of persons, each encrypted with a site key. Read from the database that writes: a replica may be behind."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db.models import QuerySet

from eventstore.backends import log_database
from eventstore.errors import KeysUnavailable
from eventstore.keys.masters import CannotUnwrap, seal, unseal
from eventstore.keys.ring import WRONG_KEY, Ring, ring
from eventstore.models import SubjectKey


class Fault(StrEnum):
    """Why something personal can't be decrypted, though its person was not erased."""

    NO_KEY = "the key of the person is missing"
    BAD_KEY = "the key of the person is damaged"
    NOT_ERASED = "the key of the person is still there"  # although the row says that they were erased
    BAD_TEXT = "the encrypted text is damaged"


class SubjectErased(Exception):
    """The person has been erased; nothing personal is stored about them any more."""


class StoredKey(NamedTuple):
    """A person's key as it is stored."""

    subject_id: UUID
    wrapped: bytes | None
    site_key_id: UUID | None
    erased: bool


def key_to_write(subject: UUID | None) -> bytes:
    """The key of a person, made on first use. Raises SubjectErased, and KeysUnavailable."""
    if subject is None:
        raise SubjectErased("A message with personal fields must name its subject.")
    stored = _stored([subject]).get(subject)
    if stored is None:
        _make(subject)
        stored = _stored([subject])[subject]
    if stored.erased:
        raise SubjectErased(f"{subject} has been erased. {SubjectErased.__doc__}")
    found = _clear(stored)
    if isinstance(found, Fault):
        raise KeysUnavailable(
            f"Nothing can be stored about {subject}: {found}. Restore its row of eventstore_subjectkey from a backup, "
            "or erase the person."
        )
    return found


def keys_to_read(subjects: Iterable[UUID]) -> Mapping[UUID, bytes | Fault | None]:
    """The keys of persons: None for one who was erased, a fault for one whose key is missing or damaged."""
    wanted = list(subjects)
    stored = _stored(wanted)
    return {subject: _to_read(stored.get(subject)) for subject in wanted}


def fault_of(stored: StoredKey) -> Fault | None:
    """What is wrong with a person's key: it must open for them, unless they were erased; then it must be gone.

    Raises KeysUnavailable for one that only a process with other master keys can open.
    """
    if stored.erased:
        return None if stored.wrapped is None else Fault.NOT_ERASED
    found = _clear(stored)
    return found if isinstance(found, Fault) else None


def rewrapped(stored: StoredKey, keys: Ring) -> bytes | None:
    """A person's key, encrypted with the current site key; None for one that is damaged."""
    found = _clear(stored)
    return None if isinstance(found, Fault) else _wrap(stored.subject_id, found, keys)


def as_stored(rows: "QuerySet[SubjectKey]") -> list[StoredKey]:
    """The keys in some rows."""
    found = rows.values_list("subject_id", "wrapped", "site_key_id", "erased_at")
    return [
        StoredKey(subject, None if wrapped is None else bytes(wrapped), site_key, erased_at is not None)
        for subject, wrapped, site_key, erased_at in found
    ]


def _stored(subjects: Iterable[UUID]) -> dict[UUID, StoredKey]:
    rows = SubjectKey.objects.using(log_database()).filter(subject_id__in=list(subjects))
    return {key.subject_id: key for key in as_stored(rows)}


def _make(subject: UUID) -> None:
    """Store a new key, unless another process was quicker. The ring is read anew: its keys may have been rotated."""
    keys = ring(fresh=True)
    wrapped = _wrap(subject, AESGCM.generate_key(256), keys)
    row = SubjectKey(subject_id=subject, wrapped=wrapped, site_key_id=keys.current)
    SubjectKey.objects.using(log_database()).bulk_create([row], ignore_conflicts=True)


def _to_read(stored: StoredKey | None) -> bytes | Fault | None:
    if stored is None:
        return Fault.NO_KEY
    return None if stored.erased else _clear(stored)


def _clear(stored: StoredKey) -> bytes | Fault:
    """The key in clear. Raises KeysUnavailable for one that only a process with other master keys can open."""
    if stored.wrapped is None:
        return Fault.NO_KEY
    for key in _candidates(stored):
        try:
            clear = unseal(key, stored.wrapped, stored.subject_id.bytes)
        except CannotUnwrap:
            continue
        return clear if len(clear) == 32 else Fault.BAD_KEY
    return Fault.BAD_KEY


def _candidates(stored: StoredKey) -> Iterable[bytes]:
    """The site key that a row names; of a row from before there were site keys, each of them."""
    keys = ring().wrapping
    if stored.site_key_id is None:
        return keys.values()
    if stored.site_key_id not in keys:
        keys = ring(fresh=True).wrapping
    if stored.site_key_id not in keys:
        raise KeysUnavailable(f"The site key {stored.site_key_id} is unknown. {WRONG_KEY}")
    return [keys[stored.site_key_id]]


def _wrap(subject: UUID, key: bytes, keys: Ring) -> bytes:
    return seal(keys.wrapping[keys.current], key, subject.bytes)
