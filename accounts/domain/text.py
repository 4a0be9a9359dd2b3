"""The rules of text: limits and forms, the same for pages, API and command line."""

import re
import unicodedata
from typing import Final

from accounts.domain.zones import canonical_name
from accounts.users.emails import parse_email
from eventstore.decider import Refused
from eventstore.decider import phrase as _
from eventstore.messages import first_unfit, has_control, is_blank, is_plain

NAME_LIMIT: Final = 200
LABEL_LIMIT: Final = 100
TOKEN_NAME_LIMIT: Final = 100
REFERENCE_LIMIT: Final = 140
REASON_LIMIT: Final = 500
EMAIL_LIMIT: Final = 254  # RFC 5321: a path holds 256 octets, two of which are its brackets

# The shape alone: only a mail that arrives proves an address. Its mailbox is a "dot-atom" of RFC 5322 and no "encoded
# word" of RFC 2047, so no mail software reads another address in it, as it does in `x<ada@example.org`.
_EMAIL = re.compile(r'(?!.*=\?)[^@()<>\[\]:;,"\\]+@[^@.]+(\.[^@.]+)+')
_LOCALE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}", re.IGNORECASE)  # the usual shapes of BCP 47


def clean_name(text: str, *, field: str = "name") -> str:
    """A person's name, trimmed; refuses MALFORMED if it is empty, too long or unprintable."""
    return _required(clean_text(text, field=field, limit=NAME_LIMIT), field)


def clean_label(text: str, *, field: str = "label") -> str:
    """The label of an account, trimmed; may be empty."""
    return clean_text(text, field=field, limit=LABEL_LIMIT)


def clean_token_name(text: str, *, field: str = "name") -> str:
    """The name of a token, trimmed; may be empty."""
    return clean_text(text, field=field, limit=TOKEN_NAME_LIMIT)


def clean_reference(text: str, *, field: str = "reference") -> str:
    """The reference of an entry, trimmed; may be empty."""
    return clean_text(text, field=field, limit=REFERENCE_LIMIT)


def clean_email(text: str, *, field: str = "email") -> str:
    """An e-mail in the form of `parse_email`; refuses MALFORMED if it can't be one."""
    email = _parsed(clean_text(text, field=field, limit=EMAIL_LIMIT))
    if not (_EMAIL.fullmatch(email) and is_plain(email)) or len(email.encode()) > EMAIL_LIMIT:
        raise _malformed(field, _("Enter an e-mail address such as ada@example.org."))
    return email


def clean_reason(text: str, *, field: str = "reason") -> str:
    """A reason, trimmed; may be empty, as the decision says whether a reason is required."""
    return clean_text(text, field=field, limit=REASON_LIMIT)


def clean_locale(text: str, *, field: str = "locale") -> str:
    """A language tag such as "en" or "zh-hans", in lower case."""
    if not _LOCALE.fullmatch(text):
        raise _malformed(field, _("Enter a language tag such as en or zh-hans."))
    return text.lower()


def clean_timezone(text: str, *, field: str = "timezone") -> str:
    """The listed name of a time zone, also where an older name of it is given; refuses MALFORMED for any other."""
    name = canonical_name(text)
    if name is None:
        raise _malformed(field, _("Enter the name of a time zone such as Europe/Berlin."))
    return name


def clean_text(text: str, *, field: str, limit: int) -> str:
    """Text in composed form (NFC), without surrounding spaces; empty if a reader would see nothing.

    Refuses MALFORMED if it is too long, or holds characters that control, that nobody sees, or that turn the direction
    of others.
    """
    trimmed = unicodedata.normalize("NFC", text).strip()
    if len(trimmed) > limit:
        raise Refused("MALFORMED", _("This text is longer than %(limit)s characters."), field=field, limit=limit)
    if has_control(trimmed):
        raise _malformed(field, _("This text holds control characters. Remove them."))
    if is_blank(trimmed):
        return ""
    if unfit := first_unfit(trimmed):
        message = _("This text holds a character that nobody sees: %(character)s. Remove it.")
        raise Refused("MALFORMED", message, field=field, character=unfit)
    return trimmed


def _parsed(email: str) -> str:
    try:
        return parse_email(email)
    except ValueError:
        return ""


def _required(text: str, field: str) -> str:
    if not text:
        raise _malformed(field, _("This must not be empty."))
    return text


def _malformed(field: str, message: str) -> Refused:
    return Refused("MALFORMED", message, field=field)
