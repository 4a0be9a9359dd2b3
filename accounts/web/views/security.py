"""The page "Security" of whoever is signed in: their sessions and tokens, which they see and end."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.domain.zones import zone_of
from accounts.services.details import details_of
from accounts.users.factors import factors_of
from accounts.users.models import User
from accounts.users.pages import form_page, sign_in_again
from accounts.users.security_log import record
from accounts.users.sessions import SessionStore, live_sessions
from accounts.users.tokens import end_token as end
from accounts.users.tokens import live_tokens, make_token
from accounts.web.forms.security import EndSessionForm, EndTokenForm, TokenForm

PAGE: Final = "accounts:security"


class SignedInRequest(HttpRequest):
    """A request of a customer or a member of staff, in a session."""

    user: User
    session: SessionStore


View = Callable[[SignedInRequest], HttpResponse]


def for_everybody(view: View) -> Any:
    """Lets customers and staff in, in the customer's time zone; what it shows is kept by no browser."""

    @never_cache
    @login_required
    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        signed_in = cast(SignedInRequest, request)
        customer_id = signed_in.user.customer_id
        with timezone.override(zone_of(details_of(customer_id).get("timezone")) if customer_id else None):
            return view(signed_in)

    return page


def for_forms(view: View) -> Any:
    """As `for_everybody`; who comes by a link, such as from signing in again, is led to the page."""

    @wraps(view)
    def act(request: SignedInRequest) -> HttpResponse:
        return view(request) if request.method == "POST" else redirect(PAGE)

    return form_page(for_everybody(act))


@require_safe
@for_everybody
def overview(request: SignedInRequest) -> HttpResponse:
    """Shows sessions and tokens."""
    return _page(request, TokenForm())


@for_forms
def end_session(request: SignedInRequest) -> HttpResponse:
    """Ends one session of the user; one that has ended already is no mistake."""
    form = EndSessionForm(request.POST)
    if form.is_valid() and request.user.sessions.filter(pk=form.cleaned_data["session"]).delete()[0]:
        record("session.ended", request)
    messages.success(request, _("That session has ended."))
    return redirect(PAGE)


@for_forms
def sign_out_everywhere(request: SignedInRequest) -> HttpResponse:
    """Ends all tokens, and all sessions but this one."""
    request.user.end_access()
    update_session_auth_hash(request, request.user)
    record("access.ended", request)
    messages.success(request, _("You are signed out everywhere else, and all tokens have ended."))
    return redirect(PAGE)


@for_forms
def create_token(request: SignedInRequest) -> HttpResponse:
    """Makes a token, and shows it: on this page alone, so it is stored neither in a session nor in a cookie."""
    if elsewhere := sign_in_again(request):
        return elsewhere
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    made, secret = make_token(request.user, form.cleaned_data["name"])
    record("token.created", request, token_id=str(made.token_id))
    return _page(request, TokenForm(), made=made, secret=secret)


@for_forms
def end_token(request: SignedInRequest) -> HttpResponse:
    """Ends one token of the user; one that has ended already is no mistake."""
    form = EndTokenForm(request.POST)
    if form.is_valid() and end(request.user, form.cleaned_data["token_id"]):
        record("token.ended", request, token_id=str(form.cleaned_data["token_id"]))
    messages.success(request, _("That token has ended."))
    return redirect(PAGE)


def _page(request: SignedInRequest, form: TokenForm, **context: Any) -> HttpResponse:
    """The page in the frame of who sees it."""
    context |= {
        "form": form,
        "factors": factors_of(request.user),
        "sessions": live_sessions(request.user),
        "this_session": request.session.row_key,
        "tokens": live_tokens(request.user).order_by("-token_id"),
    }
    if not request.user.is_staff:
        return render(request, "accounts/security/customer.html", context)
    frame = {**admin.site.each_context(request), "title": _("Security")}
    return render(request, "accounts/security/staff.html", {**frame, **context})
