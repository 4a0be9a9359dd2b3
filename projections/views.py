"""The pages that ask: what somebody has, and how it came to be."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.users.pages import CustomerRequest
from projections import page_queries, queries
from projections.freshness import customer_page, whole_number
from projections.models import Entry, Hold

LINES: Final = 25  # of history on one page
RECENT_LINES: Final = 8
HOLDS: Final = 25  # the newest open ones


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page: for strangers what this is, for customers what they have, for staff the admin."""
    if not request.user.is_authenticated:
        return render(request, "projections/landing.html")
    if request.user.is_staff:
        return redirect("admin:index")
    return overview(request)


@customer_page("customers", "accounts", "entries")
def overview(request: CustomerRequest) -> HttpResponse:
    """All that a customer has, and what happened last."""
    position = queries.reflected("accounts")
    accounts = queries.accounts_of(request.customer_id)
    page = {
        "customer": queries.customer(request.customer_id),
        "accounts": accounts,
        "totals": page_queries.totals(accounts),
        "recent": page_queries.recent_entries(accounts, RECENT_LINES),
        "position": position,
    }
    return render(request, "projections/overview.html", page)


@require_safe
@customer_page("accounts")
def accounts(request: CustomerRequest) -> HttpResponse:
    """Each account with the id to which others pay."""
    position = queries.reflected("accounts")
    page = {"accounts": queries.accounts_of(request.customer_id), "position": position}
    return render(request, "projections/accounts.html", page)


@require_safe
@customer_page("accounts", "entries", "holds")
def account(request: CustomerRequest, account_id: UUID) -> HttpResponse:
    """An account and its history, newest first."""
    position = queries.reflected("entries")
    account = queries.account(account_id, customer_id=request.customer_id)
    if account is None:
        raise Http404
    before = whole_number(request, "before")
    history = queries.entries(account_id, before=before, limit=LINES)
    page = {
        "account": account,
        "holds": queries.holds(account_id, status=Hold.Status.OPEN, limit=HOLDS).rows,
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
    """One line of history, with its proof; the receipt of a deposit or a withdrawal."""
    return _receipt(request, "projections/entry.html", page_queries.own_entry(entry_id, request.customer_id))


@require_safe
@customer_page("accounts", "entries")
def transfer(request: CustomerRequest, transfer_id: UUID) -> HttpResponse:
    """The receipt of a transfer, for whoever sent or received it."""
    return _receipt(request, "projections/transfer.html", page_queries.own_side(transfer_id, request.customer_id))


def _receipt(request: CustomerRequest, template: str, entry: Entry | None) -> HttpResponse:
    if entry is None:
        raise Http404
    queries.tell_reversals([entry])
    page = {
        "entry": entry,
        "account": queries.account(entry.account_id),
        "proof": page_queries.proof(entry),
    }
    return render(request, template, page)
