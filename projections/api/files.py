"""The history of an account as a file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes

from eventstore.http.openapi import query_operation
from eventstore.log import cursor
from projections import queries
from projections.api.accounts import visible_account
from projections.api.parameters import ACCOUNT_ID
from projections.api.query_views import QueryView
from projections.entry_cells import COLUMNS, entry_cells
from projections.models import Entry
from projections.spreadsheets import csv_lines

POSITION_HEADER: Final = "Tidemark-Position"  # up to which the file reflects the log
CURSOR_HEADER: Final = "Tidemark-Cursor"  # the same as a cursor


@query_operation(
    "get_entries_csv",
    "Download the entries of an account as CSV",
    "All of it as CSV, newest first, with the columns of the list of its entries; the headers "
    "`Tidemark-Position` and `Tidemark-Cursor` say up to where it reflects the log. A quote is put before each place "
    "of a reference where a spreadsheet could find a formula.",
    tag="entries",
    answer=OpenApiTypes.STR,
    media_types=["text/csv"],
    refuses="ACCOUNT_NOT_FOUND FORBIDDEN",
    path=[ACCOUNT_ID],
)
class EntriesFileView(QueryView):
    """`GET accounts/{id}/entries.csv`."""

    read_model = "entries"

    def respond(self, params: Mapping[str, Any], position: int) -> StreamingHttpResponse:
        """The file, some lines at a time; raises Refused for another customer's account."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        name = f'attachment; filename="entries-{account.account_id}.csv"'
        headers = {"Content-Disposition": name, **position_headers(position)}
        return StreamingHttpResponse(
            _parts(queries.history(account.account_id)), content_type="text/csv; charset=utf-8", headers=headers
        )


def position_headers(position: int) -> dict[str, str]:
    """The headers that say up to where a file reflects the log."""
    return {POSITION_HEADER: str(position), CURSOR_HEADER: cursor(position)}


def _parts(pages: Iterable[Sequence[Entry]]) -> Iterator[str]:
    yield "".join(csv_lines([COLUMNS]))
    for page in pages:
        yield "".join(csv_lines(entry_cells(entry, entry.currency, entry.reversed_by) for entry in page))
