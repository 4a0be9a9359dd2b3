"""The environment, from which settings are read: each kind of value once, with an error that says what to do."""

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from eventstore.keys import fault_of, fault_of_erasure_list

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(environ.Env):  # type: ignore[misc]  # it has no types
    """Variables, of which one with nothing after the = is not set: `HTTPS=` must not switch HTTPS off.

    For those that `says_none` names, nothing is a value.
    """

    def get_value(
        self,
        var: str,
        cast: Any = None,
        default: Any = environ.Env.NOTSET,
        parse_default: bool = False,
    ) -> Any:
        if self.ENVIRON.get(var) == "" and default is not self.NOTSET and not says_none(var):
            return default
        return super().get_value(var, cast=cast, default=default, parse_default=parse_default)


def says_none(name: str) -> bool:
    """Whether nothing after the = says something: no file, or no limit."""
    return name.startswith("THROTTLE_") or name in {"LOG_STATE_FILE", "SEAL_KEY_FILE", "SEAL_FILE"}


env = Environment()
ENV_PATH = Path(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))
env.read_env(ENV_PATH)

DEBUG = env.bool("DEBUG", default=False)

MIN_KEY_LENGTH = 50  # of SECRET_KEY, as Django's own check asks for
MIN_KEY_CHARACTERS = 10  # different ones; of 50 random ones, even of hexadecimal digits alone, more differ


def secret(name: str, *, size: int) -> str:
    """The secret `name`; a public stand-in in DEBUG; else raises ImproperlyConfigured."""
    stand_in = stand_in_for(name, size)
    value = env.str(name, default="") or (stand_in if DEBUG else "")
    if value and (DEBUG or value != stand_in):
        return value
    raise ImproperlyConfigured(f"{name} is not set. {how_to_make(name, size)}")


def stand_in_for(name: str, size: int) -> str:
    """A value that looks like a secret, and which everybody knows."""
    return base64.b64encode(hashlib.shake_256(name.encode()).digest(size)).decode()


def how_to_make(name: str, size: int) -> str:
    """The next step of whoever has no good secret."""
    make_one = f"import base64, os; print(base64.b64encode(os.urandom({size})).decode())"
    return (
        f'Make a value with  python -c "{make_one}"  and put it into the environment or into .env ({name}=...). '
        "Then keep it: what it protects is lost with it."
    )


def signing_key(name: str, key: str, *, remedy: str) -> str:
    """A key that signs sessions and links; raises ImproperlyConfigured if it can be guessed."""
    if not DEBUG and (fault := fault_of_text(key)):
        raise ImproperlyConfigured(f"{name} {fault}. {remedy}")
    return key


def fault_of_text(key: str) -> str | None:
    """What is wrong with a key that is text, as the end of a sentence; None for one that may be random."""
    if key == stand_in_for("SECRET_KEY", 48):
        return "is the public stand-in of DEBUG"
    if key.startswith("django-insecure-"):
        return "begins with django-insecure-, as keys do that are for trying things out"
    if len(key) < MIN_KEY_LENGTH:
        return f"must have {MIN_KEY_LENGTH} characters at least, not {len(key)}"
    if len(set(key)) < MIN_KEY_CHARACTERS or key in (key + key)[1:-1]:
        return "repeats itself, so it was not drawn at random"
    return None


def master_key(name: str, text: str) -> bytes:
    """Decodes a master key of 32 bytes from base64; raises ImproperlyConfigured."""
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not base64. {how_to_make(name, 32)}") from error
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name} must hold 32 bytes, not {len(key)}. {how_to_make(name, 32)}")
    return key


def current_master_key() -> bytes:
    """The key PERSONAL_DATA_KEY; raises ImproperlyConfigured if it can be guessed."""
    key = master_key("PERSONAL_DATA_KEY", secret("PERSONAL_DATA_KEY", size=32))
    if not DEBUG and (fault := fault_of(key)):
        raise ImproperlyConfigured(f"PERSONAL_DATA_KEY {fault}. {how_to_make('PERSONAL_DATA_KEY', 32)}")
    return key


def interval(name: str) -> timedelta | None:
    """An interval such as 7d, 12h or 30m; None if it is not set. Raises ImproperlyConfigured."""
    text = env.str(name, default="")
    if not text:
        return None
    number, unit = text[:-1], {"d": "days", "h": "hours", "m": "minutes"}.get(text[-1])
    if not (unit and number.isascii() and number.isdecimal() and 0 < int(number) < 10_000):
        raise ImproperlyConfigured(f"{name} is no interval such as 7d, 12h or 30m.")
    return timedelta(**{unit: int(number)})


def database_like(name: str, own: dict[str, Any]) -> dict[str, Any] | None:
    """The database at the URL `name`, with the options of the site's own if it is of the same kind; None if not set."""
    if not env.str(name, default=""):
        return None
    other: dict[str, Any] = env.db_url(name)
    return {**own, **other, "OPTIONS": own.get("OPTIONS", {})} if other["ENGINE"] == own["ENGINE"] else other


def one_of(name: str, choices: Sequence[str]) -> str:
    """The variable `name`, which has one of some values; the first, if it is not set."""
    value = env.str(name, default="") or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


AMOUNT = r"[0-9]{1,20}(\.[0-9]{1,4})?"


def amount(name: str) -> Decimal | None:
    """The amount of the variable `name`, in major units of any currency; `None` if it is not set."""
    text = env.str(name, default="")
    if text and not re.fullmatch(AMOUNT, text):
        raise ImproperlyConfigured(f"{name} must be an amount such as 1000 or 99.50, not {text!r}.")
    return Decimal(text) if text else None


def amounts(name: str) -> dict[str, Decimal]:
    """The amounts of the variable `name`, in major units, by their currencies."""
    items = env.list(name, default=[])
    if wrong := next((item for item in items if not re.fullmatch(f"[A-Z]{{3}}:{AMOUNT}", item)), None):
        raise ImproperlyConfigured(f"{name} must list amounts such as JPY:150000,BHD:400.5, not {wrong!r}.")
    return {item[:3]: Decimal(item[4:]) for item in items}


def duration(name: str, default: int, unit: str) -> timedelta:
    """The duration of the variable `name`, in hours or minutes; raises ImproperlyConfigured unless it is one."""
    number = env.int(name, default=default)
    if number < 1:
        raise ImproperlyConfigured(f"{name} must be a number of {unit}, 1 or more, not {number}.")
    return timedelta(**{unit: number})


def origin(name: str, *, default: str, https: bool) -> str:
    """The address of the site in the variable `name`, without a slash at its end; raises ImproperlyConfigured."""
    text: str = env.str(name, default=default).rstrip("/")
    if text and not re.fullmatch(r"https://[^\s/?#]+" if https else r"https?://[^\s/?#]+", text):
        exception = "" if https else " or http://localhost:8000"
        raise ImproperlyConfigured(f"{name} must be an address such as https://bank.example{exception}, not {text!r}.")
    return text


def erasure_list(name: str) -> str:
    """The place of the erasure list: a path, from the project's folder, or a URL; empty if it is not set."""
    text: str = env.str(name, default="")
    place = str(BASE_DIR / text) if text and "://" not in text else text
    if problem := fault_of_erasure_list(place):
        raise ImproperlyConfigured(f"{name} {problem}")
    return place


def days(name: str, *, default: int) -> int:
    """The days of the variable `name`, one at least."""
    number: int = env.int(name, default=default)
    if not 1 <= number <= 3_650:
        raise ImproperlyConfigured(f"{name} must be a number of days from 1 to 3650, not {number}.")
    return number


def rate(name: str, default: str) -> str:
    """The rate of the variable `name`; empty for no limit."""
    text: str = env.str(name, default=default)
    if not re.fullmatch(r"([0-9]{1,9}/[smhd][a-z]*)?", text):
        raise ImproperlyConfigured(f"{name} must be a rate such as 10/min, not {text!r}.")
    return text


def contact(name: str) -> str:
    """The address of the variable `name`, as a URI; empty if it is not set."""
    text: str = env.str(name, default="")
    if text and not re.fullmatch(r"(mailto:[^@\s]+@|https://|tel:)[^\s]+", text):
        raise ImproperlyConfigured(f"{name} must be an address such as mailto:security@bank.example, not {text!r}.")
    return text
