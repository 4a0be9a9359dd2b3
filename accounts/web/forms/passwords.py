"""Forms about passwords: Django's own, with the hints of ours."""

from typing import Any

from django.contrib.auth import forms as auth_forms
from django.core.exceptions import ValidationError
from django.forms import EmailInput
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.domain.text import clean_email
from accounts.users.attempts import TooManyAttempts
from accounts.users.sign_in_attempts import sign_in_attempt
from accounts.web.forms.people import SignUpForm
from eventstore.forms import RuleField


class ForgottenPasswordForm(auth_forms.PasswordResetForm):
    """The e-mail of who has forgotten the password."""

    email = RuleField(
        clean_email, label=_("E-mail"), widget=EmailInput({"autocomplete": "username", "autofocus": True})
    )


class ChoosePasswordForm(auth_forms.SetPasswordForm):  # type: ignore[type-arg] # Django 5.2 takes none at run time
    """A new password, twice."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["new_password1"].help_text = SignUpForm.base_fields["password"].help_text
        self.fields["new_password2"].label = _("The new password again")
        self.fields["new_password2"].help_text = ""


class ChangePasswordForm(ChoosePasswordForm, auth_forms.PasswordChangeForm):
    """The old password, and a new one, twice."""

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        self.error_messages = {**self.error_messages, "password_incorrect": _("This is not your password.")}
        self.request = request

    def clean_old_password(self) -> str:
        """The old password; wrong ones are counted as at all doors, for whoever finds an open browser may guess."""
        try:
            with sign_in_attempt(self.request, self.user.email, door="password change") as attempt:
                password = super().clean_old_password()
                attempt.succeed(self.user)
                return password
        except TooManyAttempts as throttled:
            raise ValidationError(str(throttled), code="too_many") from throttled
