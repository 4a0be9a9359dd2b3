"""Page access that the write side decides: own accounts, and deposits and withdrawals by customers."""

from functools import wraps
from typing import ParamSpec
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.domain.account import Account
from accounts.services import own_account
from accounts.services.rails import must_have_rails
from accounts.users.pages import CustomerRequest, CustomerView
from eventstore.decider import Refused

P = ParamSpec("P")


def rails_required(view: CustomerView[P]) -> CustomerView[P]:
    """Answers with the page on RAILS_OFF, status 403, where customers do not deposit and withdraw by themselves."""

    @wraps(view)
    def guarded(request: CustomerRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            must_have_rails()
        except Refused:
            return render(request, "accounts/rails_off.html", status=403)
        return view(request, *args, **kwargs)

    return guarded


def own_account_or_404(request: CustomerRequest, account_id: UUID) -> Account:
    """The customer's account; raises Http404 for another customer's, as for one that does not exist."""
    try:
        return own_account.own_account(account_id, request.customer_id)
    except Refused as refused:
        raise Http404 from refused
