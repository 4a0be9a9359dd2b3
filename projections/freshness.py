"""Pages that reflect at least what their reader has just done."""

import contextlib
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, Final, ParamSpec

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.domain.zones import zone_of
from accounts.users.pages import CustomerRequest, View, customer_required
from eventstore import readers
from eventstore.decider import Refused
from eventstore.http.places import place_to_wait
from eventstore.log import position_in
from eventstore.projecting import wait_for
from projections import queries
from projections.models import Customer

P = ParamSpec("P")

MAX_WAIT_SECONDS: Final = 2.0  # for a read model to reach the position in the address
RELOAD_SECONDS: Final = "2"  # until a page that is behind loads itself anew


def customer_page(
    *read_models: str,
) -> Callable[[Callable[Concatenate[CustomerRequest, P], HttpResponseBase]], View[P]]:
    """Makes a view a page for customers, in their time zone; its read models reflect the `position` in its address."""

    def decorate(view: Callable[Concatenate[CustomerRequest, P], HttpResponseBase]) -> View[P]:
        @never_cache  # "Back" shows the present state, and nothing at all after signing out
        @customer_required
        @wraps(view)
        def page(request: CustomerRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            position = _position(request)
            sight, needs = readers.sight_of(request.actor, position), ("customers", *read_models)

            def shown() -> HttpResponseBase:
                if not _reflects(request, position, read_models):
                    return _catching_up(request, position)
                customer = queries.customer(request.customer_id)
                request.is_suspended = bool(customer and customer.status == Customer.Status.SUSPENDED)
                with timezone.override(zone_of(customer.timezone if customer else None)):
                    return view(request, *args, **kwargs)

            return readers.answer(shown, sight, needs)

        return page

    return decorate


def _position(request: HttpRequest) -> int:
    """The position in the address: a cursor, or a number. One of a log that has changed since asks for nothing.

    Raises BadRequest for any other text.
    """
    text = request.GET.get("position", "0")
    with contextlib.suppress(ValueError):
        return max(0, number_from(text))
    try:
        return position_in(text)
    except Refused as refused:
        if refused.refusal.code == "LOG_CHANGED":
            return 0
        raise BadRequest("position is no place in the log.") from refused


def _reflects(request: CustomerRequest, position: int, read_models: Sequence[str]) -> bool:
    """Whether read models reflect a position; waits for it, unless too many wait already."""
    if all(wait_for(position, name, 0) for name in read_models):
        return True
    with place_to_wait(request.user.pk) as may_wait:
        return may_wait and all(wait_for(position, name, MAX_WAIT_SECONDS) for name in read_models)


def whole_number(request: HttpRequest, name: str) -> int | None:
    """A query parameter as a whole number, `None` if it is missing; raises BadRequest for any other text."""
    text = request.GET.get(name)
    try:
        return None if text is None else number_from(text)
    except ValueError as error:
        raise BadRequest(f"{name} is no number.") from error


def number_from(text: str) -> int:
    """The number that plain digits tell, with a minus or not; raises ValueError for any other text."""
    if not (text.isascii() and text.removeprefix("-").isdecimal()):
        raise ValueError("A number consists of digits.")
    return int(text)


def _catching_up(request: CustomerRequest, position: int) -> HttpResponse:
    response = render(request, "projections/catching_up.html", {"position": position})
    response["Refresh"] = RELOAD_SECONDS
    return response
