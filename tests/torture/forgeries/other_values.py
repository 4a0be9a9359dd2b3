"""Another value of the same type, for whatever a row may hold."""

import string
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID


def other(rng: Random, value: Any) -> Any:
    """Another value of the same type."""
    match value:
        case bool():
            return not value
        case int():
            return value + rng.choice((-1, 1))
        case str():
            return flipped_in(rng, value) if value else "x"
        case UUID():
            return UUID(int=value.int ^ (1 << rng.randrange(128)))
        case datetime():
            return value + timedelta(microseconds=rng.choice((-1, 1)) * 10 ** rng.randrange(9))
        case bytes() | memoryview():
            return flipped_bit(rng, bytes(value))
        case dict():
            return other_object(rng, value)
        case list():
            return other_list(rng, value)
        case _:
            return 1


def other_object(rng: Random, value: dict[str, Any]) -> dict[str, Any]:
    if not value or rng.random() < 0.2:
        return {**value, "forged": True}
    name = rng.choice(sorted(value))
    if rng.random() < 0.2:
        return {each: value[each] for each in value if each != name}
    return {**value, name: other(rng, value[name])}


def other_list(rng: Random, value: Sequence[Any]) -> list[Any]:
    if not value or rng.random() < 0.3:
        return [*value, 1 + max(value, default=0)]
    at = rng.randrange(len(value))
    return [*value[:at], *([] if rng.random() < 0.5 else [value[at] + 1]), *value[at + 1 :]]


def flipped_in(rng: Random, text: str) -> str:
    """Text with another letter in one place; not at the end, where base64 has bits that mean nothing."""
    places = [at for at, letter in enumerate(text[: max(1, len(text) - 4)]) if letter.isalnum()] or [0]
    at = rng.choice(places)
    return text[:at] + flipped(rng, text[at]) + text[at + 1 :]


def flipped(rng: Random, letter: str) -> str:
    return rng.choice([each for each in string.ascii_lowercase + string.digits if each != letter])


def flipped_bit(rng: Random, value: bytes) -> bytes:
    at = rng.randrange(len(value))
    return value[:at] + bytes([value[at] ^ 1 << rng.randrange(8)]) + value[at + 1 :]
