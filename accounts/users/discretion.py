"""What no log may hold: secrets, by their names, and e-mail addresses, wherever they stand in a text."""

import re
from collections.abc import Mapping
from typing import Any, Final

HIDDEN: Final = "[hidden]"
EMAIL: Final = "[e-mail]"

# Names of what is secret or personal, whole or as a part: `new_password`, `otp`, `HTTP_AUTHORIZATION`.
_SECRET: Final = re.compile(
    r"passw|secret|token(?!_id)|api_?key|signature|authorization|cookie|session(?!_id)|otp|csrf|uidb64|credential"
    r"|e_?mail|phone|^(full_?|first_?|last_?)?name$|^username$",
    re.IGNORECASE,
)
# Where an address may end is not found out: what is cut too long loses nothing. `%40` is `@` in an address of the web.
_EMAIL: Final = re.compile(r"[^\s@\"'<>(),;:=/?&]{1,254}(?:@|%40)[^\s@\"'<>(),;:=/?&]{1,254}", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Whether a value of this name must not be written down."""
    return bool(_SECRET.search(name))


def without_emails(text: str) -> str:
    """A text in which no e-mail address is left."""
    return _EMAIL.sub(EMAIL, text) if "@" in text or "%40" in text else text


def discreet(value: Any, name: str = "") -> Any:
    """A value as a log may hold it: without secrets and e-mail addresses, however deep they lie in it."""
    if name and value not in (None, "") and is_secret(name):
        return HIDDEN
    match value:
        case Mapping():
            return {str(key): discreet(inner, str(key)) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [discreet(inner) for inner in value]
        case None | bool() | int() | float():
            return value
        case _:
            return without_emails(str(value))
