"""The rules of text: limits and forms, the same for pages, API and command line."""

import re
import unicodedata
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from accounts.users.emails import normalise_email
from eventstore.decider import Refused
from eventstore.decider import phrase as _

NAME_LIMIT: Final = 200
LABEL_LIMIT: Final = 100
REFERENCE_LIMIT: Final = 140
REASON_LIMIT: Final = 500
EMAIL_LIMIT: Final = 254  # RFC 5321: a path holds 256 octets, two of which are its brackets

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")  # the shape alone: only a mail that arrives proves an address
_LOCALE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}", re.IGNORECASE)  # the usual shapes of BCP 47
_UNPRINTABLE = frozenset({"Cc", "Cs"})  # control characters, and halves of characters that UTF-8 can't hold


def clean_name(text: str, *, field: str = "name") -> str:
    """A person's name, trimmed; refuses MALFORMED if it is empty, too long or unprintable."""
    return _required(clean_text(text, field=field, limit=NAME_LIMIT), field)


def clean_label(text: str, *, field: str = "label") -> str:
    """The label of an account, trimmed; may be empty."""
    return clean_text(text, field=field, limit=LABEL_LIMIT)


def clean_reference(text: str, *, field: str = "reference") -> str:
    """The reference of an entry, trimmed; may be empty."""
    return clean_text(text, field=field, limit=REFERENCE_LIMIT)


def clean_email(text: str, *, field: str = "email") -> str:
    """An e-mail, normalised; refuses MALFORMED if it can't be one."""
    email = normalise_email(clean_text(text, field=field, limit=EMAIL_LIMIT))
    if not _EMAIL.fullmatch(email) or len(email) > EMAIL_LIMIT:
        raise _malformed(field, _("Enter an e-mail address such as ada@example.org."))
    return email


def clean_reason(text: str, *, field: str = "reason") -> str:
    """A reason, trimmed; may be empty, because the decision says whether a reason is required."""
    return clean_text(text, field=field, limit=REASON_LIMIT)


def clean_locale(text: str, *, field: str = "locale") -> str:
    """A language tag such as "en" or "zh-hans", in lower case."""
    if not _LOCALE.fullmatch(text):
        raise _malformed(field, _("Enter a language tag such as en or zh-hans."))
    return text.lower()


def clean_timezone(text: str, *, field: str = "timezone") -> str:
    """The name of a time zone in the IANA database."""
    if text not in _timezones():
        raise _malformed(field, _("Enter the name of a time zone such as Europe/Berlin."))
    return text


def clean_text(text: str, *, field: str, limit: int) -> str:
    """Text without surrounding spaces; refuses MALFORMED if it is too long or holds control characters."""
    trimmed = text.strip()
    if len(trimmed) > limit:
        raise Refused("MALFORMED", _("This text is longer than %(limit)s characters."), field=field, limit=limit)
    if any(unicodedata.category(character) in _UNPRINTABLE for character in trimmed):
        raise _malformed(field, _("This text holds control characters. Remove them."))
    return trimmed


def _required(text: str, field: str) -> str:
    if not text:
        raise _malformed(field, _("This must not be empty."))
    return text


@cache
def _timezones() -> frozenset[str]:
    """The names of all time zones, read from the disk once."""
    return frozenset(available_timezones())


def _malformed(field: str, message: str) -> Refused:
    return Refused("MALFORMED", message, field=field)
