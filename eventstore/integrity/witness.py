"""A witness of the heads, asked by C2SP's `tlog-witness`: it signs only what has grown out of what it signed before."""

import base64
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from eventstore.integrity.others import Answer, NoAnswer, post
from eventstore.verifier import merkle, notes

__all__ = ["cosigned", "has_cosigned", "is_asked"]

SIZE_TYPE: Final = "text/x.tlog.size"
REASONS: Final = {
    400: "it takes the request for a wrong one",
    403: "it does not know our key: tell its operator (manage.py seal --keys)",
    404: "it does not know this log: tell its operator the origin, which is the first line of a head",
    409: "it has signed another head of this log, which ours does not follow from",
    422: "it can't follow the proof from the last head that it has signed",
}


def is_asked() -> bool:
    """Whether the settings name a witness."""
    return bool(getattr(settings, "SEAL_WITNESS_URL", ""))


def has_cosigned(note: str) -> bool:
    """Whether the witness has signed a note of ours; raises ImproperlyConfigured as `cosigned` does."""
    try:
        notes.opened(note, [_key()])
    except notes.InvalidNote:
        return False
    return True


def cosigned(note: str, node: merkle.Node, old: int) -> str:
    """A note with the witness's signatures; `old` is the size that it has signed before, as far as we know.

    Raises NoAnswer if it does not answer or does not sign, and ImproperlyConfigured without a key to know it by.
    """
    key, head = _key(), notes.read_head(note)
    answer = _ask(note, node, old, head.size)
    if answer.status == 409 and (size := _size_in(answer)) not in (None, old) and size <= head.size:
        answer = _ask(note, node, size, head.size)
    if answer.status != 200:
        raise NoAnswer(
            f"The witness {key.name} does not sign: {REASONS.get(answer.status, f'status {answer.status}')}."
        )
    return _with_signatures(note, answer.content.decode(errors="replace"), key)


def _ask(note: str, node: merkle.Node, old: int, new: int) -> Answer:
    proof = [base64.b64encode(each).decode() for each in merkle.consistency_proof(node, old, new)]
    body = "\n".join([f"old {old}", *proof, "", note])
    url = str(settings.SEAL_WITNESS_URL).rstrip("/")
    return post(f"{url}/add-checkpoint", body.encode(), "text/plain; charset=utf-8")


def _size_in(answer: Answer) -> int | None:
    """The size that the witness has signed last, if the answer tells."""
    text = answer.content.decode(errors="replace").strip()
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if answer.content_type == SIZE_TYPE and is_number else None


def _with_signatures(note: str, lines: str, key: notes.Key) -> str:
    """The note with the witness's signature; raises NoAnswer if the answer holds none.

    One is enough, written as we write one: a hundred, or a control character behind it, would make a note that foreign
    verifiers refuse.
    """
    for line in lines.split("\n"):
        if signed := _signature_in(_text(note), line, key):
            return note + signed
    raise NoAnswer(f"What {key.name} answered holds no signature by the key in SEAL_WITNESS_KEY.")


def _signature_in(text: str, line: str, key: notes.Key) -> str:
    """The signature line of a key over a text that a line begins with; empty if there is none."""
    try:
        signature = notes.split(f"{text}\n{line}\n")[1][0]
    except notes.InvalidNote:
        return ""
    is_hers = (signature.name, signature.key_id) == (key.name, key.id) and key.has_signed(text, signature.value)
    return signature.line if is_hers else ""


def _text(note: str) -> str:
    return notes.split(note)[0]


def _key() -> notes.Key:
    try:
        return notes.read_key(str(getattr(settings, "SEAL_WITNESS_KEY", "")))
    except notes.InvalidNote as error:
        raise ImproperlyConfigured(f"SEAL_WITNESS_KEY: {error} Its operator publishes it: name+id+key.") from error
