"""Pages that reflect at least what their reader has just done."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.users.pages import CustomerRequest, View, customer_required
from eventstore.projecting import wait_for
from projections import queries

P = ParamSpec("P")

MAX_WAIT_SECONDS: Final = 2.0  # for a read model to reach the position in the address
RELOAD_SECONDS: Final = "2"  # until a page that is behind loads itself anew


def customer_page(
    *read_models: str,
) -> Callable[[Callable[Concatenate[CustomerRequest, P], HttpResponse]], View[P]]:
    """Makes a view a page for customers, in their time zone; its read models reflect the `position` in its address."""

    def decorate(view: Callable[Concatenate[CustomerRequest, P], HttpResponse]) -> View[P]:
        @never_cache  # "Back" shows the present state, and nothing at all after signing out
        @customer_required
        @wraps(view)
        def page(request: CustomerRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            position = whole_number(request, "position") or 0
            if not all(wait_for(position, name, MAX_WAIT_SECONDS) for name in read_models):
                return _catching_up(request, position)
            with timezone.override(_timezone_of(request)):
                return view(request, *args, **kwargs)

        return page

    return decorate


def whole_number(request: HttpRequest, name: str) -> int | None:
    """A query parameter as a whole number, `None` if it is missing; raises BadRequest for any other text."""
    text = request.GET.get(name)
    try:
        return None if text is None else int(text)
    except ValueError as error:
        raise BadRequest(f"{name} is no number.") from error


def _catching_up(request: CustomerRequest, position: int) -> HttpResponse:
    response = render(request, "projections/catching_up.html", {"position": position})
    response["Refresh"] = RELOAD_SECONDS
    return response


def _timezone_of(request: CustomerRequest) -> str:
    customer = queries.customer(request.customer_id)
    return (customer and customer.timezone) or "UTC"
