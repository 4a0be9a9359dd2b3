"""The library over HTTP: one view that takes a command, and one that answers from a read model."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from eventstore.decider import Refused
from eventstore.http.command_views import CommandResult, HttpCommand, PostCommandView
from eventstore.http.errors import add_codes
from eventstore.http.fields import Id, StrictSerializer
from eventstore.http.openapi import command_operation, path_parameter, query_operation
from eventstore.http.paging import Page, newest_first
from eventstore.http.query_views import ListView, PageByIdQuery
from rest_framework import serializers

from lending.commands import Lend
from lending.models import Loan

add_codes({404: "UNKNOWN_BOOK", 409: "BOOK_IS_OUT BOOK_IS_RESERVED UNKNOWN_READER"})


class LendRequestSerializer(StrictSerializer):
    """To whom the book is lent."""

    reader_id = Id()


class LentSerializer(CommandResult):
    """What the decider answers, besides `command_id` and `position`."""

    due = serializers.DateField()


@command_operation(
    "lend_book",
    "Lend a book",
    "For four weeks, to a reader who has joined.",
    tag="loans",
    refuses="UNKNOWN_BOOK BOOK_IS_OUT BOOK_IS_RESERVED UNKNOWN_READER",
    path=[path_parameter("book_id", "The book.")],
    example={"reader_id": "00000000-0000-4000-8000-000000000002"},
)
class LendView(PostCommandView):
    """`POST api/books/{book_id}/loans`."""

    body = LendRequestSerializer
    answer = LentSerializer

    def command(self, http_command: HttpCommand) -> Lend:
        """The command to lend the book now; raises Refused for a malformed id."""
        book_id = self.id_of("book_id")
        if book_id is None:
            raise Refused("UNKNOWN_BOOK", "There is no such book.")
        return Lend(book_id, http_command.body["reader_id"], timezone.now())


class LoanSerializer(serializers.ModelSerializer[Loan]):
    """A book that is out."""

    class Meta:
        model = Loan
        fields = ("book_id", "reader_id", "due")


@query_operation("list_loans", "List what is out", "Greatest id first, page by page.", tag="loans")
class LoansView(ListView):
    """`GET api/loans`."""

    query = PageByIdQuery
    read_model = "loans"
    serializer = LoanSerializer

    def page(self, params: Mapping[str, Any]) -> Page[Loan, UUID]:
        """The page that the query asks for."""
        return newest_first(Loan.objects.all(), "book_id", before=params.get("cursor"), limit=params["limit"])
