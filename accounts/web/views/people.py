"""Pages about the user: sign up, sign in, sign out, profile."""

from contextlib import suppress

from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.services import emails, registration
from accounts.services.details import details_of
from accounts.users.attempts import TooManyAttempts
from accounts.users.models import User
from accounts.users.page_limits import mark_throttled
from accounts.users.pages import METHODS, CustomerRequest, customer_required, form_page
from accounts.users.sign_in_attempts import sign_in_attempt
from accounts.users.taken_emails import register_slowly
from accounts.web import proofs
from accounts.web.access import must_be_active
from accounts.web.forms.people import ProfileForm, SignUpForm
from accounts.web.forms.sign_in import SignInForm, with_status
from accounts.web.views.outcome import redirect_after
from accounts.web.views.second_step import second_step, set_language_cookie
from eventstore.decider import Refused
from eventstore.execute import Receipt
from eventstore.forms import attempt


@form_page
def sign_up(request: HttpRequest) -> HttpResponse:
    """Registers a customer, and signs the customer in."""
    if request.user.is_authenticated:
        return redirect("projections:home")
    proven = proofs.proven_email(request)
    form = SignUpForm(request.POST or None, initial={"email": proven or ""})
    try:
        receipt = form.is_valid() and attempt(form, lambda: register_slowly(request, lambda: _register(form, proven)))
        if receipt:
            proofs.forget(request)
            return _sign_in(request, receipt, form)
    except TooManyAttempts as throttled:
        form.add_error(None, str(throttled))
        page = render(request, "accounts/sign_up.html", {"form": form})
        mark_throttled(page, throttled)
        return page
    return render(request, "accounts/sign_up.html", {"form": form})


def _register(form: SignUpForm, proven: str | None) -> Receipt:
    details = form.cleaned_data
    if proven and details["email"] == proven:
        emails.release_unconfirmed(proven)  # from whoever took it since the visitor got it back
    return registration.register_customer(
        form.key,
        name=details["name"],
        email=details["email"],
        password=details["password"],
        locale=get_language(),
        timezone=details["timezone"],
        proven=details["email"] == proven,
    )


def _sign_in(request: HttpRequest, receipt: Receipt, form: SignUpForm) -> HttpResponse:
    """Signs in the customer of a registration: at once if it is new, by the password if the form was sent again."""
    if receipt.replayed:
        user = _authenticated(request, form.cleaned_data["email"], form.cleaned_data["password"])
    else:
        user = User.objects.get(customer_id=receipt.answer["customer_id"])
    if user is None:  # a password of old
        return redirect("accounts:sign_in")
    return second_step(request, user, resolve_url("projections:home"))


def _authenticated(request: HttpRequest, email: str, password: str) -> User | None:
    user = None
    with suppress(TooManyAttempts), sign_in_attempt(request, email, door="sign-up") as asked:
        user = authenticate(request, username=email, password=password)
        if isinstance(user, User):
            asked.succeed(user)
    return user


class SignIn(LoginView):
    """The sign-in page; it leads customers to their accounts, members of staff to the admin."""

    authentication_form = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True
    http_method_names = [method.lower() for method in METHODS]

    def get_default_redirect_url(self) -> str:
        """The page after sign-in, unless the address names one."""
        return _first_page_of(self.request.user)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Shows the form again; with 429 if the password was not even checked."""
        return with_status(super().form_invalid(form))

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Signs in, or asks for the second factor first."""
        user = form.get_user()
        return second_step(self.request, user, self.get_redirect_url() or _first_page_of(user))


def _first_page_of(user: User | AnonymousUser) -> str:
    return resolve_url("admin:index" if user.is_staff else "projections:home")


@never_cache
@form_page
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session; a link or a bookmark, which must not do that by itself, leads to a button."""
    if request.method != "POST":
        return render(request, "accounts/sign_out.html")
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("projections:home")


@never_cache  # it tells who somebody is
@form_page
@customer_required
def profile(request: CustomerRequest) -> HttpResponse:
    """Changes the details of the customer."""
    known = {"email": User.objects.get(customer_id=request.customer_id).new_email, **details_of(request.customer_id)}
    form = ProfileForm(request.POST or None, initial=known)
    if form.is_valid():
        receipt = attempt(form, lambda: _update_slowly(request, form))
        if receipt:
            return set_language_cookie(redirect_after(receipt, "accounts:profile"), form.cleaned_data["locale"])
    with suppress(Refused):
        must_be_active(request)
    if request.is_suspended and not form.is_bound:
        form.disable()
    return render(request, "accounts/profile.html", {"form": form})


def _update_slowly(request: CustomerRequest, form: ProfileForm) -> Receipt:
    def update() -> Receipt:
        return _update(request, form)

    if form.changed("email") is None:
        return update()
    return emails.ask_slowly(request, update, actor=request.actor, key=form.key)


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
