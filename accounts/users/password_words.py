"""Words that everybody here thinks of first make no password: the product's name, the roles, the trade."""

from collections.abc import Iterable
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS: Final = (
    "superuser",
    "password",
    "tidemark",
    "approver",
    "operator",
    "customer",
    "auditor",
    "account",
    "support",
    "admin",
    "money",
    "staff",
    "bank",
)
MIN_REST: Final = 8  # characters, as MinimumLengthValidator asks of a password


class SiteWordsValidator:
    """Refuses a password that is too short once these words are taken out, such as `Tidemark2026!`."""

    def __init__(self, more_words: Iterable[str] = ()) -> None:
        self.words = sorted((*WORDS, *(word.casefold() for word in more_words)), key=len, reverse=True)

    def validate(self, password: str, _user: Any = None) -> None:
        """Raises ValidationError."""
        rest = password = password.casefold()
        for word in self.words:
            rest = rest.replace(word, "")
        if rest != password and len(rest) < MIN_REST:
            raise ValidationError(self.get_help_text(), code="password_of_site_words")

    def get_help_text(self) -> str:
        """What the rule is, in a sentence."""
        return _("Words such as Tidemark, account or admin do not count: the rest has to be long enough by itself.")
