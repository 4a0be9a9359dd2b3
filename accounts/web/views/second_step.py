"""The second step of a sign-in, and signing in again before something grave."""

from typing import cast

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.services.details import details_of
from accounts.users import passkeys, security_log
from accounts.users.factors import factors_of, lacks_second_factor
from accounts.users.models import User
from accounts.users.page_limits import mark_throttled
from accounts.users.pages import form_page
from accounts.users.proof import PREFIX, ProofForm, SecondFactorForm
from accounts.users.second_step import complete, pending_user, remember
from accounts.users.session_times import prove_again
from accounts.web.views.frames import render_framed

NEXT = f"{PREFIX}-next"


def second_step(request: HttpRequest, user: User, to: str) -> HttpResponse:
    """After the right password: signs in, and leads on; who has a second factor is asked for it first."""
    if user.has_second_factor:
        remember(request, user, to)
        return redirect("accounts:sign_in_code")
    login(request, user)
    return _lead_on(request, user, to)


@sensitive_post_parameters()
@never_cache
@form_page
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Asks for the second factor of somebody whose password was right a moment ago."""
    user = pending_user(request)
    if user is None:
        return redirect("accounts:sign_in")
    form = SecondFactorForm(request, user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _lead_on(request, user, complete(request, user))
    return _ask(request, user, "accounts/security/code.html", form)


@sensitive_post_parameters()
@never_cache
@form_page
@login_required
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Asks for the password, and the second factor, once more; then leads back.

    A form that was on its way when this page came between travels in hidden fields, and is sent on.
    """
    user = cast(User, request.user)
    form = ProofForm(request, user, request.POST if f"{PREFIX}-password" in request.POST else None)
    sent = [(name, value) for name, values in request.POST.lists() if _is_foreign(name) for value in values]
    if form.is_valid():
        prove_again(request)
        security_log.record("sign_in.repeated", request)
        return HttpResponseRedirect(_next(request), preserve_request=bool(sent))
    return _ask(request, user, "accounts/security/again.html", form, sent=sent, next_field=NEXT, next=_next(request))


def _is_foreign(name: str) -> bool:
    return not name.startswith(f"{PREFIX}-") and name != "csrfmiddlewaretoken"


def _next(request: HttpRequest) -> str:
    """Where to go from here: an address of this site, or the page on second factors."""
    wanted = request.POST.get(NEXT) or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else resolve_url("accounts:factors")


def _ask(request: HttpRequest, user: User, template: str, form: SecondFactorForm, **context: object) -> HttpResponse:
    options = passkeys.ask(request, user) if user.has_second_factor and factors_of(user).passkeys else ""
    page = render_framed(request, user, template, form=form, passkey_options=options, **context)
    if form.throttled:
        mark_throttled(page, form.throttled)
    return page


def _lead_on(request: HttpRequest, user: User, to: str) -> HttpResponse:
    """Where somebody goes who has just signed in; a customer's language is set, unless this browser has chosen one."""
    response = redirect("accounts:factors" if lacks_second_factor(user) else to)
    if user.customer_id and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        set_language_cookie(response, details_of(user.customer_id)["locale"])
    return response


def set_language_cookie(response: HttpResponse, locale: str) -> HttpResponse:
    """Stores the language in a cookie, with the same options as Django's own view."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        locale,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
    return response
