"""Page access that the write side decides: own accounts, and deposits and withdrawals by customers."""

from collections.abc import Callable
from functools import partial, wraps
from typing import ParamSpec
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.domain.account import Account
from accounts.domain.rules import CUSTOMERS
from accounts.services import own_account
from accounts.services.rails import must_have_rails
from accounts.users.pages import CustomerRequest, CustomerView
from eventstore.decider import Refused
from eventstore.forms import sentence

P = ParamSpec("P")


def rails_required(view: CustomerView[P]) -> CustomerView[P]:
    """Answers with the page on RAILS_OFF, status 403, where customers do not deposit and withdraw by themselves."""

    @wraps(view)
    def guarded(request: CustomerRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            must_have_rails()
        except Refused:
            return render(request, "accounts/rails_off.html", status=403)
        return view(request, *args, **kwargs)

    return guarded


def active_required(view: CustomerView[P]) -> CustomerView[P]:
    """Shows suspended customers why there is no form; what they sent before is answered as it was."""

    @wraps(view)
    def guarded(request: CustomerRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return refusal_page(request, partial(must_be_active, request)) or view(request, *args, **kwargs)

    return guarded


def must_be_active(request: CustomerRequest) -> None:
    """Raises Refused CUSTOMER_SUSPENDED for a suspended customer, and lets the page know."""
    customer = CUSTOMERS.current(request.customer_id)
    request.is_suspended = customer.suspended
    customer.must_be_active()


def refusal_page(request: CustomerRequest, check: Callable[[], None], **context: object) -> HttpResponse | None:
    """The page that says why there is no form: as things stand now, a check would refuse its command."""
    try:
        check()
    except Refused as refused:
        if request.method in {"GET", "HEAD"}:
            shown = {"sentence": sentence(refused.refusal), **context}
            return render(request, "accounts/not_now.html", shown)
    return None


def own_account_or_404(request: CustomerRequest, account_id: UUID) -> Account:
    """The customer's account; raises Http404 for another customer's, as for one that does not exist."""
    try:
        return own_account.own_account(account_id, request.customer_id)
    except Refused as refused:
        raise Http404 from refused
