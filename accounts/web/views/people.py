"""Pages about the user: sign up, sign in, sign out, profile."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.services import registration
from accounts.users.pages import METHODS, CustomerRequest, customer_required, form_page
from accounts.web.forms.people import ProfileForm, SignUpForm
from accounts.web.forms.sign_in import SignInForm
from accounts.web.views.outcome import redirect_after
from eventstore import log
from eventstore.execute import Receipt
from eventstore.forms import attempt


@form_page
def sign_up(request: HttpRequest) -> HttpResponse:
    """Registers a customer, and signs the customer in."""
    if request.user.is_authenticated:
        return redirect("projections:home")
    form = SignUpForm(request.POST or None)
    if form.is_valid() and attempt(form, lambda: _register(form)):
        return _sign_in(request, form.cleaned_data["email"], form.cleaned_data["password"])
    return render(request, "accounts/sign_up.html", {"form": form})


def _register(form: SignUpForm) -> Receipt:
    details = form.cleaned_data
    return registration.register_customer(
        form.key,
        name=details["name"],
        email=details["email"],
        password=details["password"],
        locale=get_language(),
        timezone=details["timezone"],
    )


def _sign_in(request: HttpRequest, email: str, password: str) -> HttpResponse:
    """Signs in a new customer, or leads to the sign-in page if the form, sent again, carries a password of old."""
    user = authenticate(request, username=email, password=password)
    if user is None:
        return redirect("accounts:sign_in")
    login(request, user)
    return redirect("projections:home")


class SignIn(LoginView):
    """The sign-in page; it leads customers to their accounts, members of staff to the admin."""

    authentication_form = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True
    http_method_names = [method.lower() for method in METHODS]

    def get_default_redirect_url(self) -> str:
        """The page after sign-in, unless the address names one."""
        return resolve_url("admin:index" if self.request.user.is_staff else "projections:home")

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Signs in, and sets the customer's language unless this browser has chosen one."""
        response = super().form_valid(form)
        customer_id = form.get_user().customer_id
        if customer_id and settings.LANGUAGE_COOKIE_NAME not in self.request.COOKIES:
            _set_language_cookie(response, details_of(customer_id)["locale"])
        return response


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("projections:home")


@form_page
@customer_required
def profile(request: CustomerRequest) -> HttpResponse:
    """Changes the details of the customer."""
    known = details_of(request.customer_id)
    form = ProfileForm(request.POST or None, initial=known)
    if form.is_valid():
        receipt = attempt(form, lambda: _update(request, form))
        if receipt:
            return _set_language_cookie(redirect_after(receipt, "accounts:profile"), form.cleaned_data["locale"])
    return render(request, "accounts/profile.html", {"form": form})


def _update(request: CustomerRequest, form: ProfileForm) -> Receipt:
    return registration.update_details(
        request.customer_id,
        form.key,
        actor=request.actor,
        name=form.changed("name"),
        email=form.changed("email"),
        locale=form.changed("locale"),
        timezone=form.changed("timezone"),
        fingerprint=form.fingerprint(),
    )


def _set_language_cookie(response: HttpResponse, locale: str) -> HttpResponse:
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


def details_of(customer_id: UUID) -> dict[str, Any]:
    """The present details of a customer, read from the customer's stream because they are edited on this page."""
    known: dict[str, Any] = {}
    for record in log.read_stream(customer_id):
        changed = {name: getattr(record.event, name, None) for name in ("name", "email", "locale", "timezone")}
        known |= {name: value for name, value in changed.items() if value is not None}
    return known
