"""The customers' pages that only read: accounts, histories and receipts."""

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.users.pages import CustomerRequest
from eventstore.errors import RangeDetached
from eventstore.http.freshness import reflected_position
from eventstore.proofs import head_over_event
from projections import page_queries, proof_pages, queries
from projections.freshness import customer_page, whole_number
from projections.models import Entry, Hold
from projections.seals import sealed_under

ENTRIES_PER_PAGE: Final = 25
RECENT_ENTRIES: Final = 8  # on the overview
MAX_HOLDS: Final = 25  # the newest open ones


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """The start page: the landing page for visitors, the overview for customers, the admin for staff."""
    if not request.user.is_authenticated:
        return render(request, "projections/landing.html")
    if request.user.is_staff:
        return redirect("admin:index")
    return overview(request)


@customer_page("customers", "accounts", "entries")
def overview(request: CustomerRequest) -> HttpResponse:
    """The customer's accounts, their total in each currency, and the newest entries."""
    position = reflected_position("accounts")
    accounts = queries.accounts_of(request.customer_id)
    page = {
        "customer": queries.customer(request.customer_id),
        "accounts": accounts,
        "totals": page_queries.totals(accounts),
        "recent": page_queries.recent_entries(accounts, RECENT_ENTRIES),
        "position": position,
    }
    return render(request, "projections/overview.html", page)


@require_safe
@customer_page("accounts")
def accounts(request: CustomerRequest) -> HttpResponse:
    """The customer's accounts with the ids to which others pay."""
    position = reflected_position("accounts")
    page = {"accounts": queries.accounts_of(request.customer_id), "position": position}
    return render(request, "projections/accounts.html", page)


@require_safe
@customer_page("accounts", "entries", "holds")
def account(request: CustomerRequest, account_id: UUID) -> HttpResponse:
    """An account with its open holds and its history, newest first."""
    position = reflected_position("entries")
    account = queries.account(account_id, customer_id=request.customer_id)
    if account is None:
        raise Http404
    before = whole_number(request, "before")
    history = queries.entries(account_id, before=before, limit=ENTRIES_PER_PAGE)
    page = {
        "account": account,
        "holds": queries.holds(account_id, status=Hold.Status.OPEN, limit=MAX_HOLDS).rows,
        "entries": history.rows,
        "older": history.next and f"?before={history.next}",
        "newest": before and request.path,
        "rails": settings.DEMO_RAILS,
        "position": position,
    }
    return render(request, "projections/account.html", page)


@require_safe
@customer_page("accounts", "entries")
def entry(request: CustomerRequest, entry_id: UUID) -> HttpResponse:
    """An entry with its proof: the receipt of a deposit or a withdrawal."""
    return _receipt(request, "projections/entry.html", page_queries.own_entry(entry_id, request.customer_id))


@require_safe
@customer_page("accounts", "entries")
def transfer(request: CustomerRequest, transfer_id: UUID) -> HttpResponse:
    """The receipt of a transfer, for its sender or its receiver."""
    return _receipt(
        request, "projections/transfer.html", page_queries.own_transfer_entry(transfer_id, request.customer_id)
    )


def _receipt(request: CustomerRequest, template: str, entry: Entry | None) -> HttpResponse:
    if entry is None:
        raise Http404
    queries.attach_reversals([entry])
    page = {
        "entry": entry,
        "account": queries.account(entry.account_id),
        **_proof(entry),
        "proof_file": proof_pages.file_name(entry.position),
    }
    return render(request, template, page)


def _proof(entry: Entry) -> dict[str, Any]:
    """The event behind an entry, and what seals it; nothing where they lie in an archive alone."""
    try:
        return {"proof": page_queries.event_of(entry), "seal": sealed_under(head_over_event(entry.position))}
    except RangeDetached:
        return {}
