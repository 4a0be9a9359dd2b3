"""The notation of amounts in the language of the reader: in it pages show them, and take them back."""

from accounts.domain.notation import Notation
from accounts.users.separators import separators


def readers_notation() -> Notation:
    """The notation of the active language."""
    return Notation(*separators())
