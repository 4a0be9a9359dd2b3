"""Pages about passwords: ask for a link by mail, choose a new password by it, and change the one that is known."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.services import passwords
from accounts.users import attempts
from accounts.users.known_sources import remember_device
from accounts.users.models import User
from accounts.users.page_limits import mark_throttled
from accounts.users.pages import customer_required, form_page
from accounts.users.password_links import password_links
from accounts.users.security_log import record
from accounts.web.forms.passwords import ChangePasswordForm, ChoosePasswordForm, ForgottenPasswordForm
from eventstore.http.addresses import network_address


class ForgottenPassword(auth_views.PasswordResetView):
    """Asks for the link; whatever the e-mail, the answer is the same, and so is the work."""

    form_class = ForgottenPasswordForm
    template_name = "accounts/password_reset.html"
    success_url = reverse_lazy("accounts:password_reset_sent")

    def form_valid(self, form: Any) -> HttpResponse:
        """Queues the mail unless too many were asked for from this network address."""
        try:
            attempts.count("password_reset", network_address(self.request))
        except attempts.TooManyAttempts as throttled:
            form.add_error(None, str(throttled))
            page = self.form_invalid(form)
            mark_throttled(page, throttled)
            return page
        passwords.ask_for_link(form.cleaned_data["email"])
        record("password.reset_requested", self.request)
        return HttpResponseRedirect(self.get_success_url())


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Says where to look for the link."""
    on_console = settings.EMAIL_BACKEND == "config.console_mail.ConsoleMail"
    return render(request, "accounts/password_reset_sent.html", {"on_console": on_console})


class ChoosePassword(auth_views.PasswordResetConfirmView):
    """Chooses a new password by the link; whoever merely opens it, as scanners of mail do, does not use it up."""

    form_class = ChoosePasswordForm
    token_generator = password_links
    template_name = "accounts/choose_password.html"
    success_url = reverse_lazy("accounts:sign_in")

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Leads on from the address of the link, which holds the secret, to one that holds none, good or not.

        The first is told to no other page. The second must be, to our own: without, browsers send forms from nowhere
        (`Origin: null`), and these are refused as forged.
        """
        page = super().dispatch(*args, **kwargs)
        if kwargs["token"] == self.reset_url_token:
            return page
        if not isinstance(page, HttpResponseRedirect):  # the link is not good, but one before it may have been
            self.request.session.pop(auth_views.INTERNAL_RESET_SESSION_TOKEN, None)
        onward = redirect("accounts:choose_password", kwargs["uidb64"], self.reset_url_token)
        onward["Referrer-Policy"] = "no-referrer"
        return onward

    def get_user(self, uidb64: str) -> User | None:
        """The user of the link, if they may sign in."""
        user = super().get_user(uidb64)
        return user if user and user.is_active else None

    def form_valid(self, form: Any) -> HttpResponse:
        """Stores the password, and leads to the sign-in page: a second factor is asked for there."""
        if not passwords.choose_password(form.user, form.cleaned_data["new_password1"]):
            self.validlink = False
            return self.render_to_response(self.get_context_data())
        record("password.changed", self.request, actor=form.user.actor, by="mail")
        remember_device(self.request, form.user)  # whoever guesses elsewhere no longer keeps the owner from signing in
        logout(self.request)  # whoever was signed in here, and the link
        messages.success(self.request, _("Your password is changed. Sign in with the new one."))
        return HttpResponseRedirect(self.get_success_url())


class ChangePassword(auth_views.PasswordChangeView):
    """Changes the password of who is signed in; this session goes on, all others end."""

    form_class = ChangePasswordForm
    template_name = "accounts/change_password.html"
    success_url = reverse_lazy("accounts:profile")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form counts wrong passwords by where a request comes from."""
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        """Stores the password."""
        if not passwords.change_password(form.user, form.cleaned_data["new_password1"]):
            form.add_error("old_password", _("Your password was changed elsewhere meanwhile. Please sign in anew."))
            return self.form_invalid(form)
        update_session_auth_hash(self.request, form.user)
        remember_device(self.request, form.user)
        record("password.changed", self.request, by="owner")
        done = _("Your password is changed. Wherever else you were signed in, you are signed out.")
        messages.success(self.request, done)
        return HttpResponseRedirect(self.get_success_url())


forgotten_password = form_page(ForgottenPassword.as_view())
choose_password = never_cache(form_page(ChoosePassword.as_view()))
change_password = form_page(customer_required(ChangePassword.as_view()))
