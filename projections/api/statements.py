"""Queries about the months of an account, and their statements as files."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from eventstore.http.fields import CursorField, Text
from eventstore.http.openapi import query_operation
from eventstore.http.paging import Page
from eventstore.http.query_views import PageQuery
from eventstore.log import cursor, with_one_identity
from projections.api.accounts import visible_account
from projections.api.fields import Money
from projections.api.files import position_headers
from projections.api.parameters import ACCOUNT_ID, PERIOD
from projections.api.query_views import ListView, QueryView
from projections.api.serializers import REFLECTS, EntrySerializer
from projections.statements.as_csv import csv_response
from projections.statements.as_pdf import as_pdf
from projections.statements.sheets import Sheet, months, sheet

PDF_MEDIA_TYPES: Final = ("application/pdf", "application/octet-stream")  # the second for clients that know no PDF
STATEMENT_CODES: Final = "ACCOUNT_NOT_FOUND STATEMENT_NOT_FOUND FORBIDDEN"


class PageByPeriodQuery(PageQuery):
    """The query parameters of a list in the order of months."""

    cursor = Text(required=False, help_text="As `next` has it.")


class StatementSummarySerializer(serializers.Serializer[Any]):
    """The figures of an account's month."""

    period = serializers.CharField(help_text="`2026-03`: a calendar month in the account's time zone.")
    number = serializers.IntegerField(help_text="The account's months are counted from the one of its opening, 1.")
    opening = Money(help_text="The closing balance of the month before it.")
    credits = Money(help_text="All that came in.")
    debits = Money(help_text="All that left; never negative.")
    closing = Money()
    currency = serializers.CharField()
    issued = serializers.BooleanField(help_text="Issued ones never change. The current month never is.")
    issued_at = serializers.DateTimeField(allow_null=True)


class StatementSerializer(StatementSummarySerializer):
    """An account's month with its entries."""

    entries = EntrySerializer(many=True, help_text="In the order in which they were recorded, the first one first.")
    position = serializers.IntegerField(help_text=REFLECTS)
    cursor = CursorField()


@query_operation(
    "list_statements",
    "List the statements of an account",
    "One for each calendar month of the account's time zone, newest first: from the month of its opening to the "
    "current one, or to the one in which it was closed.",
    tag="statements",
    refuses="ACCOUNT_NOT_FOUND FORBIDDEN",
    path=[ACCOUNT_ID],
)
class StatementsView(ListView):
    """`GET accounts/{id}/statements`."""

    query = PageByPeriodQuery
    read_model = "entries"
    serializer = StatementSummarySerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """Its months; raises Refused for another customer's account."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        return months(account, before=params.get("cursor"), limit=params["limit"])


class SheetView(QueryView):
    """The base of views of one month."""

    read_model = "entries"

    def sheet(self) -> Sheet:
        """The month in the address; raises Refused, also for another customer's account."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        return sheet(account, self.kwargs["period"])

    def file_headers(self, sheet: Sheet, position: int, kind: str) -> dict[str, str]:
        """The headers of a file: its name, and the position of the log that it reflects."""
        return {
            "Content-Disposition": f'attachment; filename="{sheet.file_name(kind)}"',
            **position_headers(position),
        }


@query_operation(
    "get_statement",
    "Get the statement of a month",
    "It lists what was recorded in the month, also if it counts from an earlier date. Once the month is over, the "
    "statement is issued, and never changes any more.",
    tag="statements",
    refuses=STATEMENT_CODES,
    path=[ACCOUNT_ID, PERIOD],
)
class StatementView(SheetView):
    """`GET accounts/{id}/statements/{yyyy-mm}`."""

    serializer = StatementSerializer

    def respond(self, params: Mapping[str, Any], position: int) -> HttpResponseBase:
        """The month with its entries, a long one in parts; raises Refused for one that the account never had."""
        found = self.sheet()
        if found.is_long:
            parts = with_one_identity(as_json(found, position))
            return StreamingHttpResponse(parts, content_type="application/json")
        entries = EntrySerializer(found.entries, many=True).data
        told = {"position": position, "cursor": cursor(position)}
        return Response({**StatementSummarySerializer(found.month).data, "entries": entries, **told})


def as_json(sheet: Sheet, position: int) -> Iterator[bytes]:
    """The same answer, some entries at a time; it is cut, and so no JSON, where they become others meanwhile."""
    render, comma = JSONRenderer().render, b""
    yield render(StatementSummarySerializer(sheet.month).data)[:-1] + b',"entries":['
    for page in sheet.pages():
        rows = [
            {**line._asdict(), "currency": sheet.month.currency, "reversed_by": reversed_by}
            for line, reversed_by in page
        ]
        yield comma + render(EntrySerializer(rows, many=True).data)[1:-1]
        comma = b","
    yield b'],"position":%d,"cursor":"%s"}' % (position, cursor(position).encode())


@query_operation(
    "get_statement_csv",
    "Download the statement of a month as CSV",
    "The columns of the list of entries, oldest first, between a row `opening` and a row `closing`: a file without the "
    "last one is incomplete. The headers `Tidemark-Position` and `Tidemark-Cursor` say up to where it "
    "reflects the log. A quote is put before each place of a reference where a spreadsheet could find a formula.",
    tag="statements",
    answer=OpenApiTypes.STR,
    media_types=["text/csv"],
    refuses=STATEMENT_CODES,
    path=[ACCOUNT_ID, PERIOD],
)
class StatementCsvView(SheetView):
    """`GET accounts/{id}/statements/{yyyy-mm}.csv`."""

    def respond(self, params: Mapping[str, Any], position: int) -> HttpResponseBase:
        """The file; raises Refused for a month that the account never had."""
        found = self.sheet()
        return csv_response(found, self.file_headers(found, position, "csv"))


@query_operation(
    "get_statement_pdf",
    "Download the statement of a month as PDF",
    "For people, in the language that the request asks for.",
    tag="statements",
    answer=OpenApiTypes.BINARY,
    media_types=PDF_MEDIA_TYPES,
    refuses=STATEMENT_CODES,
    path=[ACCOUNT_ID, PERIOD],
)
class StatementPdfView(SheetView):
    """`GET accounts/{id}/statements/{yyyy-mm}.pdf`."""

    def respond(self, params: Mapping[str, Any], position: int) -> HttpResponse:
        """The file; raises Refused for a month that the account never had."""
        found = self.sheet()
        with timezone.override(found.zone):
            paper = as_pdf(found)
        media_type = self.request._request.get_preferred_type(PDF_MEDIA_TYPES) or PDF_MEDIA_TYPES[0]
        return HttpResponse(paper, content_type=media_type, headers=self.file_headers(found, position, "pdf"))
