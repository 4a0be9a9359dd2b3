"""Access to pages: the decorators that let customers in, and the type of their requests. For the API see `access`."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec, cast
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

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
    """Lets only customers in: strangers go to the sign-in page, members of staff get PermissionDenied."""

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
