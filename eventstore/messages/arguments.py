"""Arguments of calls: what can't be what the caller means is refused before anything is done, alike on every database.

SQLite takes text of any length into its columns, and PostgreSQL does not; so the limits are those of the columns, and
are kept here.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from eventstore.errors import ArgumentRefused, PayloadRefused
from eventstore.messages.characters import has_control, is_blank
from eventstore.messages.moments import must_be_moment

MAX_TEXT = 255  # characters of a key, an actor or the name of a runner
MAX_NAME = 128  # characters of the stored name of a message, a projection, a reaction or a task
MAX_CATEGORY = 64  # characters of a category
MAX_VERSION = 32_767  # of a message's schema

WHY_A_KEY = "Give the caller's own id of this request, as a form has one: without it, two requests would count as one."
WHY_AN_ACTOR = "Say who asks, as text such as 'user:7' or 'system:nightly'."


def key_text(key: object) -> str:
    """An idempotency key as text. Raises ArgumentRefused for one that no caller can mean."""
    return text_of("The key", str(key) if isinstance(key, UUID) else key, WHY_A_KEY)


def actor_text(actor: object) -> str:
    """An actor as it is. Raises ArgumentRefused for what names nobody."""
    return text_of("The actor", actor, WHY_AN_ACTOR)


def text_of(name: str, value: object, advice: str, *, longest: int = MAX_TEXT) -> str:
    """A text as it is; raises ArgumentRefused if it is none, is blank, too long, or holds control characters."""
    if type(value) is str and len(value) <= longest and value.isprintable() and value.isascii() and value.strip():
        return value
    if not isinstance(value, str):
        raise ArgumentRefused(f"{name} is {described(value)}, not text. {advice}")
    if is_blank(value):
        raise ArgumentRefused(f"{name} is {value!r}, which shows nothing. {advice}")
    if len(value) > longest:
        raise ArgumentRefused(
            f"{name} has {len(value):,} characters, and at most {longest} are stored. Give a shorter one, such as its "
            "SHA-256 in hexadecimal."
        )
    if faulty := next(filter(has_control, value), None):
        raise ArgumentRefused(
            f"{name} holds the character U+{ord(faulty):04X}, which is no text: control characters and halves of "
            "surrogate pairs are not stored. Leave it out."
        )
    return str.__str__(value)  # without what its class makes of it


def id_of(name: str, value: object) -> UUID:
    """An id as it is; raises ArgumentRefused for anything but a UUID."""
    if isinstance(value, UUID):
        return value
    advice = f"UUID({value!r})" if _reads_as(UUID, value) else "a uuid.UUID"
    raise ArgumentRefused(f"{name} is {described(value)}, not a UUID. Give {advice}.")


def time_of(name: str, value: object) -> datetime:
    """A time as it is; raises ArgumentRefused for anything else, PayloadRefused for one that can't be stored."""
    if not isinstance(value, datetime):
        raise ArgumentRefused(f"{name} is {described(value)}, not a time. Give a datetime with a zone.")
    try:
        must_be_moment(value)
    except PayloadRefused as refused:
        raise PayloadRefused(f"{name}: {refused}") from refused
    return value


def asked_time(name: str, value: object) -> datetime:
    """A time that is asked for, and may lie anywhere; raises ArgumentRefused without a zone, or for no time."""
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return value
    raise ArgumentRefused(f"{name} is {described(value)}, not a time with a zone. Give a datetime with a zone.")


def number_of(name: str, value: object) -> int:
    """A position or a version as it is; raises ArgumentRefused for anything but an integer that is not negative."""
    if type(value) is int and value >= 0:
        return value
    raise ArgumentRefused(f"{name} is {described(value)}. Give an integer of 0 or more.")


def described(value: object) -> str:
    """A value in a sentence, with its type, cut where it is long; its text may be a secret, and then stays out."""
    if value is None:
        return "None"
    kind = type(value).__qualname__
    return f"the {kind} {str(value)!r:.60}" if isinstance(value, str | int | float | UUID) else f"a {kind}"


def _reads_as(kind: Callable[[str], object], value: object) -> bool:
    try:
        return isinstance(value, str) and bool(kind(value))
    except ValueError:
        return False
