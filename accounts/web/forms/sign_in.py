"""The form to sign in."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from accounts.users.throttles import FailedSignIns


class SignInForm(AuthenticationForm):
    """E-mail and password of a customer, or of a member of staff."""

    username = forms.EmailField(
        label=_("E-mail"), widget=forms.EmailInput({"autocomplete": "username", "autofocus": True})
    )
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("That e-mail and that password do not belong together. Please check both."),
        "too_many": _("There were too many wrong passwords. Please wait a minute, then try again."),
    }

    def clean(self) -> dict[str, Any]:
        """Checks the password unless there were too many wrong ones; the API counts in the same window."""
        assert self.request is not None
        failures = FailedSignIns(Request(self.request), self.data.get("username", ""))
        try:
            failures.must_be_few()
            return super().clean()
        except Throttled as throttled:
            raise ValidationError(self.error_messages["too_many"], code="too_many") from throttled
        except ValidationError:
            failures.add()
            raise
