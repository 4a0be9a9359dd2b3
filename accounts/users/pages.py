"""Access to pages: the decorators that let customers in, and the type of their requests. For the API see `access`."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from accounts.users.session_times import is_fresh, proved_at

P = ParamSpec("P")


class CustomerRequest(HttpRequest):
    """A request of a customer who is signed in."""

    customer_id: UUID
    actor: str
    is_suspended: bool  # as far as the page knows; what is sent is decided by its rule


CustomerView = Callable[Concatenate[CustomerRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

METHODS: Final = ("GET", "HEAD", "POST")  # of a page with a form


def form_page(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """A page with a form: the browser may keep it for "Back", where it finds what was typed, and the command's id."""
    return cache_control(private=True, no_cache=True)(require_http_methods(METHODS)(view))


def customer_required(view: CustomerView[P]) -> View[P]:
    """Lets only customers in: strangers go to the sign-in page, members of staff get PermissionDenied."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if user.customer_id is None:
            raise PermissionDenied
        customers = cast(CustomerRequest, request)
        customers.customer_id, customers.actor = user.customer_id, user.actor
        customers.is_suspended = False
        return view(customers, *args, **kwargs)

    return guarded


def fresh_sign_in_required(view: View[P]) -> View[P]:
    """Lets only those in who have proved who they are a moment ago; others do so first, see `sign_in_again`."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return sign_in_again(request) or view(request, *args, **kwargs)

    return guarded


def sign_in_again(request: HttpRequest) -> HttpResponseRedirect | None:
    """Leads somebody who signed in long ago to the page that asks for the password, and from there back.

    A form that was sent goes with them (status 307), and is sent once more from there: nothing typed is lost.
    """
    if is_fresh(proved_at(request.session)):
        return None
    address = f"{reverse('accounts:sign_in_again')}?{urlencode({'next': request.get_full_path()})}"
    return HttpResponseRedirect(address, preserve_request=request.method not in {"GET", "HEAD"})
