"""The forms to sign in: on the page of customers, and on that of the admin."""

from typing import Any, ClassVar

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.users.attempts import TooManyAttempts
from accounts.users.page_limits import mark_throttled
from accounts.users.sign_in_attempts import sign_in_attempt


class CountedForm(AuthenticationForm):
    """Counts an attempt before the password is checked, as all doors do."""

    door: ClassVar[str]  # in the security log
    throttled: TooManyAttempts | None = None  # why the password was not checked

    def clean(self) -> dict[str, Any]:
        """Checks the password unless there were too many wrong ones."""
        assert self.request is not None
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if not email or not password:
            return super().clean()
        try:
            with sign_in_attempt(self.request, email, door=self.door) as attempt:
                cleaned = super().clean()
                attempt.succeed(self.get_user())
                return cleaned
        except TooManyAttempts as throttled:
            self.throttled = throttled
            raise ValidationError(str(throttled), code="too_many") from throttled


class SignInForm(CountedForm):
    """E-mail and password of a customer, or of a member of staff."""

    door = "page"
    username = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput({"autocomplete": "username", "autofocus": True})
    )
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("That e-mail and that password do not belong together. Please check both."),
    }


class StaffSignInForm(CountedForm, AdminAuthenticationForm):
    """E-mail and password of a member of staff, on the sign-in page of the admin."""

    door = "admin"


def with_status(page: HttpResponse) -> HttpResponse:
    """A page with one of these forms: 429 if the password was not even checked."""
    form = (getattr(page, "context_data", None) or {}).get("form")
    if isinstance(form, CountedForm) and form.throttled:
        mark_throttled(page, form.throttled)
    return page
