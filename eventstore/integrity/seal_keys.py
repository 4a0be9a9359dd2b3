"""The keys that sign the heads of the trees: Ed25519, from the settings or a file, and rotated by `seal --new-key`.

The file has one key a line: a private one, 32 bytes in base64, or a public one, `name+id+key`, of which only signatures
are known any more. The first private key signs.
"""

import base64
import binascii
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from eventstore.integrity.outside import sync_folder
from eventstore.keys.masters import TOO_OPEN
from eventstore.keys.strength import KEY_BYTES, fault_of
from eventstore.verifier import notes

__all__ = ["known_keys", "make_key", "name", "private_keys", "public", "signing_key"]

HOW_TO: Final = (
    "Name a file that only the site may read in SEAL_KEY_FILE, and type: manage.py seal --new-key . It makes the file. "
    "Then keep it: without it nobody can go on with the same name."
)


def name() -> str:
    """The site's name in heads and signatures, the setting SEAL_NAME; raises ImproperlyConfigured if it is none."""
    found = str(getattr(settings, "SEAL_NAME", "")) or "localhost"
    if not found.isprintable() or any(character.isspace() or character == "+" for character in found):
        raise ImproperlyConfigured(f"SEAL_NAME is {found!r}. A name has neither spaces nor a plus: use a host's.")
    return found


def signing_key() -> Ed25519PrivateKey:
    """The key that signs; raises ImproperlyConfigured if there is none, or if it can be guessed or read by others."""
    found = private_keys()
    if not found:
        raise ImproperlyConfigured(f"There is no key to sign heads with: neither SEAL_KEY nor SEAL_KEY_FILE. {HOW_TO}")
    return found[0]


def known_keys() -> list[notes.Key]:
    """The public keys by which this site's heads are verified, the one that signs first."""
    return list(dict.fromkeys([*map(public, private_keys()), *_read()[1]]))


def private_keys() -> list[Ed25519PrivateKey]:
    """The private keys, the one that signs first; the others are on their way out."""
    return [Ed25519PrivateKey.from_private_bytes(key) for key in dict.fromkeys([*_in_settings(), *_read()[0]])]


def public(key: Ed25519PrivateKey) -> notes.Key:
    """The public key to a private one, with the name of this site."""
    return notes.Key(name(), key.public_key().public_bytes_raw())


def make_key() -> notes.Key:
    """Draw a new key and put it before the others in SEAL_KEY_FILE, which is made if need be; returns its public half.

    Raises ImproperlyConfigured if there is no such file to write to, or if the setting SEAL_KEY would go before it.
    """
    path = _path()
    if path is None:
        raise ImproperlyConfigured(f"SEAL_KEY_FILE is not set, so there is nowhere to put a key. {HOW_TO}")
    if _in_settings():
        raise ImproperlyConfigured(
            f"SEAL_KEY is set, which signs whatever {path} holds. Put it into that file as its first line, unset it, "
            "and type this again."
        )
    is_first = not path.exists()
    key, line = _drawn()
    _write(path, f"{line}\n{'' if is_first else _text(path)}", is_first=is_first)
    return public(key)


def _drawn() -> tuple[Ed25519PrivateKey, str]:
    """A new key, and the line that keeps it."""
    key = Ed25519PrivateKey.generate()
    return key, base64.b64encode(key.private_bytes_raw()).decode()


def _in_settings() -> list[bytes]:
    text = str(getattr(settings, "SEAL_KEY", ""))
    if not text:
        return []
    key = _decoded(text)
    if key is None:
        raise ImproperlyConfigured(f"SEAL_KEY must be 32 bytes in base64. {HOW_TO}")
    return [_strong("SEAL_KEY", key)]


def _path() -> Path | None:
    text = str(getattr(settings, "SEAL_KEY_FILE", ""))
    return Path(text) if text else None


def _read() -> tuple[list[bytes], list[notes.Key]]:
    """The private keys of the file, and the public ones; the file is made on first use, if the settings allow that."""
    path = _path()
    if path is None:
        return [], []
    if getattr(settings, "SEAL_KEY_ON_FIRST_USE", False) and not path.exists() and not _in_settings():
        with suppress(FileExistsError):  # another program's is the first
            _write(path, f"{_drawn()[1]}\n", is_first=True)
    private, known = list[bytes](), list[notes.Key]()
    for line in _text(path).split():
        if (key := _decoded(line)) is not None:
            private.append(_strong(f"SEAL_KEY_FILE, {path},", key))
        else:
            known.append(_public(path, line))
    return private, known


def _decoded(text: str) -> bytes | None:
    """The private key that is meant; None for what is no base64 of 32 bytes, such as a public key."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _strong(where: str, key: bytes) -> bytes:
    if not settings.DEBUG and (fault := fault_of(key)):
        raise ImproperlyConfigured(f"{where} {fault}. {HOW_TO}")
    return key


def _public(path: Path, line: str) -> notes.Key:
    try:
        return notes.read_key(line)
    except notes.InvalidNote as error:
        raise ImproperlyConfigured(
            f"SEAL_KEY_FILE, {path}, has a line that is no key: neither 32 bytes in base64 nor name+id+key."
        ) from error


def _text(path: Path) -> str:
    try:
        mode, text = path.stat().st_mode, path.read_text("ascii")
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"SEAL_KEY_FILE, {path}, can't be read: {error}. {HOW_TO}") from error
    if mode & TOO_OPEN:
        raise ImproperlyConfigured(
            f"SEAL_KEY_FILE, {path}, may be read or changed by others (its mode is {stat.S_IMODE(mode):o}). "
            f"Type: chmod 600 {path}"
        )
    return text


def _write(path: Path, text: str, *, is_first: bool) -> None:
    """Write a file whole or not at all, for its owner alone; one that is replaced keeps its mode and its owner.

    Raises FileExistsError for a first one if another program has made it meanwhile.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    before = None if is_first else path.stat()
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            if before:
                os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
                os.fchown(descriptor, before.st_uid, before.st_gid)
            os.fsync(descriptor)
        if before:
            beside.replace(path)
        else:
            path.hardlink_to(beside)  # of two that make it at the same moment, one fails
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path)
