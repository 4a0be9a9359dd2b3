"""Columns of our own."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    Field = models.Field[int, int]
else:
    Field = models.Field


class WholeNumberField(Field):
    """An integer of any size, kept as text: what moves on one day may add up to more than 64 bits hold."""

    def get_internal_type(self) -> str:
        """The column is one for text."""
        return "TextField"

    def get_prep_value(self, value: Any) -> str | None:
        """As it is stored."""
        return None if value is None else str(int(value))

    def from_db_value(self, value: str | None, *_: object) -> int | None:
        """As it is read."""
        return None if value is None else int(value)

    def to_python(self, value: Any) -> int | None:
        """As it is reckoned with."""
        return None if value is None else int(value)
