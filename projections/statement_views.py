"""The pages about the months of an account, and each of them as a file."""

from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.users.pages import CustomerRequest
from eventstore.decider import Refused
from projections import queries
from projections.freshness import customer_page
from projections.models import Account
from projections.statements import sheets
from projections.statements.as_csv import as_csv
from projections.statements.as_pdf import as_pdf
from projections.statements.sheets import Sheet

MONTHS: Final = 24  # on one page


@require_safe
@customer_page("accounts", "entries")
def statements(request: CustomerRequest, account_id: UUID) -> HttpResponse:
    """The months of an account, newest first."""
    position = queries.reflected("entries")
    account, before = _own(request, account_id), request.GET.get("before")
    found = sheets.months(account, before=before, limit=MONTHS)
    page = {
        "account": account,
        "months": found.rows,
        "older": found.next and f"?before={found.next}",
        "newest": before and request.path,
        "position": position,
    }
    return render(request, "projections/statements.html", page)


@require_safe
@customer_page("accounts", "entries")
def statement(request: CustomerRequest, account_id: UUID, period: str) -> HttpResponse:
    """The statement of a month, to be read and to be printed."""
    position = queries.reflected("entries")
    sheet = _sheet(request, account_id, period)
    page = {"sheet": sheet, "account": sheet.account, "month": sheet.month, "position": position}
    with timezone.override(sheet.account.timezone):
        return render(request, "projections/statement.html", page)


@require_safe
@customer_page("accounts", "entries")
def statement_table(request: CustomerRequest, account_id: UUID, period: str) -> HttpResponse:
    """The same as CSV."""
    sheet = _sheet(request, account_id, period)
    table = "".join(as_csv(sheet))
    return HttpResponse(table, content_type="text/csv; charset=utf-8", headers=_disposition(sheet, "csv"))


@require_safe
@customer_page("accounts", "entries")
def statement_paper(request: CustomerRequest, account_id: UUID, period: str) -> HttpResponse:
    """The same as PDF."""
    sheet = _sheet(request, account_id, period)
    with timezone.override(sheet.account.timezone):
        paper = as_pdf(sheet)
    return HttpResponse(paper, content_type="application/pdf", headers=_disposition(sheet, "pdf"))


def _own(request: CustomerRequest, account_id: UUID) -> Account:
    account = queries.account(account_id, customer_id=request.customer_id)
    if account is None:
        raise Http404
    return account


def _sheet(request: CustomerRequest, account_id: UUID, period: str) -> Sheet:
    try:
        return sheets.sheet(_own(request, account_id), period)
    except Refused as refused:
        raise Http404 from refused


def _disposition(sheet: Sheet, kind: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{sheet.file_name(kind)}"'}
