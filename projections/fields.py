"""Model fields of the read side."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    Field = models.Field[int, int]
    CharField = models.CharField[str, str]
else:
    Field = models.Field
    CharField = models.CharField


class CodePointField(CharField):
    """A text that is compared character by character, in any database: what begins alike is one range of an index."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """The column's parameters; SQLite compares this way of its own."""
        return {**super().db_parameters(connection), "collation": "C" if connection.vendor == "postgresql" else None}


class WholeNumberField(Field):
    """An integer of any size, stored as text: the amounts of one day may add up to more than 64 bits."""

    def get_internal_type(self) -> str:
        """Declares a text column."""
        return "TextField"

    def get_prep_value(self, value: Any) -> str | None:
        """Converts a value to the text that is stored."""
        return None if value is None else str(int(value))

    def from_db_value(self, value: str | None, *_: object) -> int | None:
        """Converts the stored text to an integer."""
        return None if value is None else int(value)

    def to_python(self, value: Any) -> int | None:
        """Converts input to an integer."""
        return None if value is None else int(value)
