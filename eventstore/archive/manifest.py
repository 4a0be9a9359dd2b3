"""Reading and writing the manifest, which is a signed note where the log has a seal key."""

import hashlib
from typing import Any

import msgspec

from eventstore.archive.errors import ArchiveDamaged
from eventstore.archive.format import FORMAT, MANIFEST, VERSION, Manifest
from eventstore.archive.places import Place
from eventstore.integrity import seal_keys
from eventstore.verifier import notes

_decoder = msgspec.json.Decoder(Manifest)


class Opened(msgspec.Struct, frozen=True):
    """A manifest as it was read. `signed` is None where no key is known to verify it with."""

    manifest: Manifest
    sha256: str
    signed: bool | None


def text_of(manifest: Manifest) -> str:
    """The text of a manifest: one JSON object, no empty line in it, and a newline."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1).decode() + "\n"


def write(place: Place, manifest: Manifest) -> bool:
    """Replace the manifest, and so the archive, in one step; whether it is signed."""
    text = text_of(manifest)
    keys = seal_keys.private_keys()
    if keys:
        text = f"{text}\n{notes.sign(text, seal_keys.name(), keys[0])}"
    place.write(MANIFEST, text.encode())
    return bool(keys)


def read(place: Place) -> Opened:
    """The manifest. Raises FileNotFoundError if there is none, and ArchiveDamaged for one that is not to be trusted."""
    content = place.read(MANIFEST)
    try:
        text = content.decode()
        signed = _verified(text)
        body, _, _ = text.partition("\n\n")
        manifest = _decoded(body.encode())
    except (UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise ArchiveDamaged(f"The manifest is damaged: {error}.") from error
    except notes.InvalidNote as error:
        raise ArchiveDamaged(f"The manifest is not to be trusted: {error}") from error
    return Opened(manifest, hashlib.sha256(content).hexdigest(), signed)


def _decoded(body: bytes) -> Manifest:
    given: Any = msgspec.json.decode(body)
    if not isinstance(given, dict) or given.get("format") != FORMAT:
        raise ArchiveDamaged("The manifest is not one of an archive of Tidemark's.")
    if given.get("version") != VERSION:
        raise ArchiveDamaged(
            f"The archive is of version {given.get('version')!r}, and this program knows version {VERSION}. Restore it "
            "with the program that has written it, or a newer one."
        )
    return _decoder.decode(body)


def _verified(text: str) -> bool | None:
    """Whether a trusted key has signed the text; None without keys. Raises InvalidNote for a wrong signature."""
    keys = known_keys()
    if not keys:
        return None
    if "\n\n" not in text:
        raise notes.InvalidNote("Nobody has signed it, though this site has a seal key.")
    notes.opened(text, keys)
    return True


def known_keys() -> list[notes.Key]:
    """The public keys that this site trusts."""
    return seal_keys.known_keys()
