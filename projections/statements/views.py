"""The pages of an account's monthly statements, and each statement as a file."""

from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.domain.zones import zone_of
from accounts.users.pages import CustomerRequest
from eventstore.decider import Refused
from eventstore.http.freshness import reflected_position
from projections import queries
from projections.freshness import customer_page
from projections.models import Account
from projections.seals import sealed_under
from projections.statements import sheets
from projections.statements.as_csv import csv_response
from projections.statements.as_pdf import as_pdf
from projections.statements.sheets import Sheet

MONTHS_PER_PAGE: Final = 24


@require_safe
@customer_page("accounts", "entries")
def statements(request: CustomerRequest, account_id: UUID) -> HttpResponse:
    """The months of an account, newest first."""
    position = reflected_position("entries")
    account, before = _own_account_or_404(request, account_id), request.GET.get("before")
    found = sheets.months(account, before=before, limit=MONTHS_PER_PAGE)
    page = {
        "account": account,
        "zone": zone_of(account.timezone),
        "months": found.rows,
        "older": found.next and f"?before={found.next}",
        "newest": before and request.path,
        "position": position,
    }
    return render(request, "projections/statements.html", page)


@require_safe
@customer_page("accounts", "entries")
def statement(request: CustomerRequest, account_id: UUID, period: str) -> HttpResponse:
    """The statement of a month."""
    position = reflected_position("entries")
    sheet = own_sheet_or_404(request, account_id, period)
    page = {
        "sheet": sheet,
        "account": sheet.account,
        "month": sheet.month,
        "position": position,
        "seal": sealed_under(sheet.head),
        "proof_file": sheet.file_name("proof.json"),
    }
    with timezone.override(sheet.zone):
        return render(request, "projections/statement.html", page)


@require_safe
@customer_page("accounts", "entries")
def statement_csv(request: CustomerRequest, account_id: UUID, period: str) -> HttpResponseBase:
    """The statement of a month as CSV."""
    sheet = own_sheet_or_404(request, account_id, period)
    return csv_response(sheet, _attachment(sheet, "csv"))


@require_safe
@customer_page("accounts", "entries")
def statement_pdf(request: CustomerRequest, account_id: UUID, period: str) -> HttpResponse:
    """The statement of a month as PDF."""
    sheet = own_sheet_or_404(request, account_id, period)
    with timezone.override(sheet.zone):
        document = as_pdf(sheet)
    return HttpResponse(document, content_type="application/pdf", headers=_attachment(sheet, "pdf"))


def _own_account_or_404(request: CustomerRequest, account_id: UUID) -> Account:
    account = queries.account(account_id, customer_id=request.customer_id)
    if account is None:
        raise Http404
    return account


def own_sheet_or_404(request: CustomerRequest, account_id: UUID, period: str) -> Sheet:
    """The month of a customer's own account; raises Http404 for any other."""
    try:
        return sheets.sheet(_own_account_or_404(request, account_id), period)
    except Refused as refused:
        raise Http404 from refused


def _attachment(sheet: Sheet, kind: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{sheet.file_name(kind)}"'}
