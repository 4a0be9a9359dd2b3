"""Master keys and their providers: the settings, a file, or a callable of the project's own.

A provider is a callable without parameters that returns the master keys that this process may use. The first one
encrypts what is new, the others only decrypt: that is how keys are rotated. `PERSONAL_DATA_KEY_PROVIDER` names it.
"""

import base64
import binascii
import hmac
import os
import stat
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from eventstore.keys.strength import MAKE_ONE, fault_of, unusable

DEFAULT_PROVIDER = "eventstore.keys.in_settings"
NONCE_BYTES = 12  # as NIST SP 800-38D recommends for GCM
HOW_TO = (
    f"Use 32 random bytes; this makes them, in base64: {MAKE_ONE} . If there is data already, name the old key in "
    "PERSONAL_DATA_KEYS_OLD, and type: manage.py rotate_keys"
)
TOO_OPEN = stat.S_IWGRP | stat.S_IRWXO  # a group may read a key's file, as secrets of containers have it


class CannotUnwrap(Exception):
    """The bytes were not encrypted by this master key, or were changed since."""


class MasterKey(Protocol):
    """A master key. It may be far away, as in a KMS, and need not be able to give itself out."""

    @property
    def id(self) -> str:
        """A name of at most 255 characters, no secret, that is kept beside whatever this key has encrypted."""

    def wrap(self, key: bytes) -> bytes:
        """Encrypt a site key of 32 bytes."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """The site key in clear. Raises CannotUnwrap; any other error means that the provider does not answer."""


class LocalKey:
    """A master key whose bytes this process holds."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @cached_property
    def id(self) -> str:
        """A hash of the key, which gives nothing of it away."""
        return f"local:{self.derive(b'id')[:8].hex()}"

    def wrap(self, key: bytes) -> bytes:
        return seal(self.derive(b"site keys"), key, b"")

    def unwrap(self, wrapped: bytes) -> bytes:
        return unseal(self.derive(b"site keys"), wrapped, b"")

    def derive(self, purpose: bytes) -> bytes:
        """A key of 32 bytes for one purpose."""
        return hmac.digest(self._key, purpose, "sha256")


def seal(key: bytes, clear: bytes, context: bytes) -> bytes:
    """Encrypt with AES-256-GCM under a fresh nonce, which comes first."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, context)


def unseal(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Decrypt what `seal` made; raises CannotUnwrap for anything else."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise CannotUnwrap("The key does not fit, or the bytes were changed.") from error


def provided() -> Sequence[MasterKey]:
    """The master keys of the provider that the settings name, the one that encrypts first.

    Raises ImproperlyConfigured where there is none, or where the first one is missing, short or text.
    """
    path = getattr(settings, "PERSONAL_DATA_KEY_PROVIDER", "") or DEFAULT_PROVIDER
    found: Sequence[MasterKey] = list(import_string(path)())
    if not found:
        raise ImproperlyConfigured(f"{path} gives no master key for personal data. It must give one at least.")
    return found


def in_settings() -> list[LocalKey]:
    """The key `PERSONAL_DATA_KEY` (bytes), and the older ones of the list `PERSONAL_DATA_KEYS_OLD`."""
    return _local("PERSONAL_DATA_KEY", [settings_key(), *getattr(settings, "PERSONAL_DATA_KEYS_OLD", ())])


def in_file() -> list[LocalKey]:
    """The keys of the file `PERSONAL_DATA_KEY_FILE`: base64, one a line, the one that encrypts first.

    Raises ImproperlyConfigured for a file that can't be read, or that others may read or change.
    """
    path = Path(str(getattr(settings, "PERSONAL_DATA_KEY_FILE", "")))
    try:
        mode, lines = path.stat().st_mode, path.read_text("ascii").split()
        keys = [base64.b64decode(line, validate=True) for line in lines]
    except (OSError, ValueError, binascii.Error) as error:
        raise ImproperlyConfigured(
            f"PERSONAL_DATA_KEY_FILE, {path}, can't be read: {error}. Name a file with one key a line, in base64; "
            f"this makes one: {MAKE_ONE}"
        ) from error
    if mode & TOO_OPEN:
        raise ImproperlyConfigured(
            f"PERSONAL_DATA_KEY_FILE, {path}, may be read or changed by others (its mode is {stat.S_IMODE(mode):o}). "
            f"Type: chmod 600 {path}"
        )
    return _local(f"PERSONAL_DATA_KEY_FILE, {path},", keys or [None])


def settings_key() -> object:
    """The setting `PERSONAL_DATA_KEY`, whatever it holds; None if it is missing."""
    return getattr(settings, "PERSONAL_DATA_KEY", None)


def _local(name: str, keys: Sequence[object]) -> list[LocalKey]:
    """Local keys; the first must be good, unless DEBUG is on; the older ones may be weak, to be rotated away."""
    if fault := (unusable if settings.DEBUG else fault_of)(keys[0]):
        raise ImproperlyConfigured(f"{name} {fault}. {HOW_TO}")
    for old in keys[1:]:
        if not isinstance(old, bytes):
            raise ImproperlyConfigured(f"Each older key beside {name} must be bytes, not {type(old).__name__}.")
    return [LocalKey(key) for key in keys if isinstance(key, bytes)]
