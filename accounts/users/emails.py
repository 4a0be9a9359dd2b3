"""The one form in which e-mail addresses are stored and compared."""

import unicodedata
from typing import Final
from uuid import UUID

import idna

NO_MAILBOX: Final = "@invalid"  # RFC 2606: a domain that never exists, and which `clean_email` lets nobody register


def parse_email(email: str) -> str:
    """An address as it is stored: two spellings of one mailbox are equal, and two mailboxes are not.

    The mailbox's name is composed (NFC) and in lower case; it is not folded, because `straße` and `strasse` are two
    people. The domain is in the ASCII form of IDNA 2008 (`xn--fu-hia.example` for `fuß.example`), mapped as UTS 46 has
    it: in this form it is sent, and mail software that knows only the older IDNA 2003 can't lead it astray.
    Raises ValueError if the domain can't exist.
    """
    name, at, domain = email.strip().rpartition("@")
    try:
        found = idna.encode(domain, uts46=True, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise ValueError(f"{domain} is no domain.") from error
    return f"{_lower(name)}{at}{found}"


def normalise_email(email: str) -> str:
    """An address in the form of `parse_email`, or what comes nearest to it if it is none: then it is nobody's."""
    try:
        return parse_email(email)
    except ValueError:
        return _lower(email.strip())


def released_email(customer_id: UUID) -> str:
    """What stands for the address of a customer whose own was given back."""
    return f"released-{customer_id}{NO_MAILBOX}"


def erased_email(customer_id: UUID) -> str:
    """What stands for the address of an erased customer."""
    return f"erased-{customer_id}{NO_MAILBOX}"


def has_mailbox(email: str) -> bool:
    """Whether mail can be sent to a user's e-mail: it stands for none once it was erased or given back."""
    return not email.endswith(NO_MAILBOX)


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
