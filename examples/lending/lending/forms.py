"""Forms that become commands; each carries the id of its command from the moment it was rendered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from eventstore.forms import CommandForm

from lending import reader
from lending.commands import Join, Lend, Return
from lending.models import Member


def members() -> list[tuple[Any, Any]]:
    """The readers to choose from."""
    return [(member.reader_id, str(member)) for member in Member.objects.order_by("name")]


class JoinForm(CommandForm):
    """A new reader."""

    name = forms.CharField(max_length=200)
    card_number = forms.CharField(max_length=20)

    def to_command(self) -> Join:
        return Join(reader.id_of(self.cleaned_data["card_number"]), self.cleaned_data["name"])


class LendForm(CommandForm):
    """To whom a book is lent."""

    reader_id = forms.TypedChoiceField(label="Reader", choices=members, coerce=UUID)

    def to_command(self, book_id: UUID) -> Lend:
        now: datetime = timezone.now()
        return Lend(book_id, self.cleaned_data["reader_id"], now)


class ReturnForm(CommandForm):
    """A book is back."""

    def to_command(self, book_id: UUID) -> Return:
        return Return(book_id)
