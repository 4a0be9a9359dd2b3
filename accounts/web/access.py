"""Who may enter a page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec, cast
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.domain.account import Account
from accounts.services import own_account
from accounts.services.rails import must_have_rails
from eventstore.decider import Refused

P = ParamSpec("P")


class CustomerRequest(HttpRequest):
    """A request of a customer who is signed in."""

    customer_id: UUID
    actor: str


CustomerView = Callable[Concatenate[CustomerRequest, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

METHODS: Final = ("GET", "HEAD", "POST")  # of a page with a form
form_page: Final = require_http_methods(METHODS)


def customer_required(view: CustomerView[P]) -> View[P]:
    """Let customers in; strangers are asked to sign in, members of staff have no accounts here."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if user.customer_id is None:
            raise PermissionDenied
        customers = cast(CustomerRequest, request)
        customers.customer_id, customers.actor = user.customer_id, user.actor
        return view(customers, *args, **kwargs)

    return guarded


def rails_required(view: CustomerView[P]) -> CustomerView[P]:
    """Answer with the page on RAILS_OFF, status 403, where customers do not deposit and withdraw by themselves."""

    @wraps(view)
    def guarded(request: CustomerRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            must_have_rails()
        except Refused:
            return render(request, "accounts/rails_off.html", status=403)
        return view(request, *args, **kwargs)

    return guarded


def own_account_or_404(request: CustomerRequest, account_id: UUID) -> Account:
    """The customer's account; somebody else's is as good as none."""
    try:
        return own_account.own_account(account_id, request.customer_id)
    except Refused as refused:
        raise Http404 from refused
