"""Queries about the months of an account, and their statements as files."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers

from eventstore.http.fields import Text
from eventstore.http.openapi import query_operation
from eventstore.http.paging import Page
from eventstore.http.query_views import PageQuery
from projections.api.accounts import visible_account
from projections.api.fields import Money
from projections.api.files import POSITION_HEADER
from projections.api.parameters import ACCOUNT_ID, PERIOD
from projections.api.query_views import ListView, QueryView
from projections.api.serializers import REFLECTS, EntrySerializer
from projections.statements.as_csv import as_csv
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
            POSITION_HEADER: str(position),
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

    def answer(self, params: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The month with its entries; raises Refused for one that the account never had."""
        found = self.sheet()
        entries = EntrySerializer(found.entries, many=True).data
        return {**StatementSummarySerializer(found.month).data, "entries": entries, "position": position}


@query_operation(
    "get_statement_csv",
    "Download the statement of a month as CSV",
    "The columns of the list of entries, oldest first, between a row `opening` and a row `closing`; the header "
    "`Tidemark-Position` says up to where it reflects the log. A reference that a spreadsheet would run as a formula "
    "begins with a quote.",
    tag="statements",
    answer=OpenApiTypes.STR,
    media_types=["text/csv"],
    refuses=STATEMENT_CODES,
    path=[ACCOUNT_ID, PERIOD],
)
class StatementCsvView(SheetView):
    """`GET accounts/{id}/statements/{yyyy-mm}.csv`."""

    def respond(self, params: Mapping[str, Any], position: int) -> StreamingHttpResponse:
        """The file; raises Refused for a month that the account never had."""
        found = self.sheet()
        return StreamingHttpResponse(
            as_csv(found), content_type="text/csv; charset=utf-8", headers=self.file_headers(found, position, "csv")
        )


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
        with timezone.override(found.account.timezone):
            paper = as_pdf(found)
        media_type = self.request._request.get_preferred_type(PDF_MEDIA_TYPES) or PDF_MEDIA_TYPES[0]
        return HttpResponse(paper, content_type=media_type, headers=self.file_headers(found, position, "pdf"))
