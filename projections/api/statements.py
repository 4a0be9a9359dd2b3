"""Questions about the months of an account, and their statements as files."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers

from accounts.api.fields import Money, Text
from accounts.api.schema import ACCOUNT_ID, in_path, query_operation
from projections import queries
from projections.api.accounts import visible_account
from projections.api.files import POSITION
from projections.api.query_views import ListView, PageQuery, QueryView
from projections.api.serializers import EntrySerializer, Shape, pages_of
from projections.statements.as_csv import as_csv
from projections.statements.as_pdf import as_pdf
from projections.statements.sheets import Sheet, months, sheet

REFUSES: Final = "ACCOUNT_NOT_FOUND STATEMENT_NOT_FOUND FORBIDDEN"
PATH: Final = [ACCOUNT_ID, in_path("period", "The month, such as `2026-03`.", OpenApiTypes.STR)]


class PageByPeriodQuery(PageQuery):
    """A list in the order of months."""

    cursor = Text(required=False, help_text="As `next` has it.")


class MonthSerializer(Shape):
    """An account's month in figures."""

    period = serializers.CharField(help_text="`2026-03`: a calendar month in the account's time zone.")
    number = serializers.IntegerField(help_text="The account's months are counted from the one of its opening, 1.")
    opening = Money(help_text="What the month before it closed with.")
    credits = Money(help_text="All that came in.")
    debits = Money(help_text="All that left; never negative.")
    closing = Money()
    currency = serializers.CharField()
    issued = serializers.BooleanField(help_text="Issued ones never change. The current month never is.")
    issued_at = serializers.DateTimeField(allow_null=True)


class StatementSerializer(MonthSerializer):
    """An account's month with its entries."""

    entries = EntrySerializer(many=True, help_text="In the order in which they were recorded, the first one first.")
    position = serializers.IntegerField(help_text="The answer reflects the log up to here.")


@query_operation(
    "List the statements of an account",
    "One for each calendar month of the account's time zone, newest first: from the month of its opening to the "
    "current one, or to the one in which it was closed.",
    answer=pages_of(MonthSerializer),
    refuses="ACCOUNT_NOT_FOUND FORBIDDEN",
    path=[ACCOUNT_ID],
)
class StatementsView(ListView):
    """`GET accounts/{id}/statements`."""

    query = PageByPeriodQuery
    read_model = "entries"
    shape = MonthSerializer

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """Its months; raises Refused for somebody else's account."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        return months(account, before=asked.get("cursor"), limit=asked["limit"])


class SheetView(QueryView):
    """An address that tells of one month."""

    read_model = "entries"

    def sheet(self) -> Sheet:
        """The month that is asked for; raises Refused, also for somebody else's account."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        return sheet(account, self.kwargs["period"])

    def file_headers(self, sheet: Sheet, position: int, kind: str) -> dict[str, str]:
        """How a file is called, and up to where it reflects the log."""
        return {"Content-Disposition": f'attachment; filename="{sheet.file_name(kind)}"', POSITION: str(position)}


@query_operation(
    "Tell the statement of a month",
    "What is recorded in a month stands on its statement, also if it counts from an earlier date. Once the month is "
    "over, the statement is issued, and never changes any more.",
    answer=StatementSerializer,
    refuses=REFUSES,
    path=PATH,
)
class StatementView(SheetView):
    """`GET accounts/{id}/statements/{yyyy-mm}`."""

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The month with its entries; raises Refused for one that the account never had."""
        found = self.sheet()
        entries = EntrySerializer(found.entries, many=True).data
        return {**MonthSerializer(found.month).data, "entries": entries, "position": position}


@query_operation(
    "Download the statement of a month as CSV",
    "The columns of the list of entries, oldest first, between a row `opening` and a row `closing`; the header "
    "`Tidemark-Position` says up to where it reflects the log. A reference that a spreadsheet would run as a formula "
    "begins with a quote.",
    answer=OpenApiTypes.STR,
    media_type="text/csv",
    refuses=REFUSES,
    path=PATH,
)
class StatementCsvView(SheetView):
    """`GET accounts/{id}/statements/{yyyy-mm}.csv`."""

    def respond(self, asked: Mapping[str, Any], position: int) -> StreamingHttpResponse:
        """The file; raises Refused for a month that the account never had."""
        found = self.sheet()
        return StreamingHttpResponse(
            as_csv(found), content_type="text/csv; charset=utf-8", headers=self.file_headers(found, position, "csv")
        )


@query_operation(
    "Download the statement of a month as PDF",
    "For people, in the language that the request asks for.",
    answer=OpenApiTypes.BINARY,
    media_type="application/pdf",
    refuses=REFUSES,
    path=PATH,
)
class StatementPdfView(SheetView):
    """`GET accounts/{id}/statements/{yyyy-mm}.pdf`."""

    def respond(self, asked: Mapping[str, Any], position: int) -> HttpResponse:
        """The file; raises Refused for a month that the account never had."""
        found = self.sheet()
        with timezone.override(found.account.timezone):
            paper = as_pdf(found)
        return HttpResponse(paper, content_type="application/pdf", headers=self.file_headers(found, position, "pdf"))
