"""Forms by which users prove who they are: by a second factor, and by the password again."""

from typing import Any, ClassVar, Final

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.users import passkeys
from accounts.users.attempts import TooManyAttempts
from accounts.users.factors import use_code
from accounts.users.models import User
from accounts.users.sign_in_attempts import DOOR, record_factor, sign_in_attempt

PREFIX: Final = "proof"  # another form may be sent along: these fields must not be taken for its own


class SecondFactorForm(forms.Form):
    """A code, or what a browser answers by a passkey."""

    door: ClassVar = "second factor"  # in the security log

    code = forms.CharField(
        label=_("Code"),
        help_text=_("Six digits from your app, or one of your recovery codes."),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}),
    )
    passkey = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, user: User, data: Any = None) -> None:
        super().__init__(data, prefix=PREFIX)
        self.request, self.user = request, user
        self.throttled: TooManyAttempts | None = None  # why nothing was checked
        if data and data.get(f"{PREFIX}-passkey"):  # which takes the place of a code
            self.fields["code"].required = False

    def clean(self) -> dict[str, Any]:
        """Checks the second factor; a code that was right is used up."""
        given = super().clean() or {}
        if not self.errors:
            self._check_factor(given)
        return given

    def _check_factor(self, given: dict[str, Any]) -> None:
        setattr(self.request, DOOR, self.door)
        try:
            if self._is_proven(given):
                return
        except TooManyAttempts as too_many:
            self.throttled = too_many
            record_factor("sign_in.throttled", self.request, self.user, door=self.door)
            raise ValidationError(
                _("There were too many wrong codes. A recovery code or a passkey still opens."), code="too_many"
            ) from too_many
        record_factor("sign_in.failed", self.request, self.user, door=self.door)
        if given["passkey"]:
            raise ValidationError(_("This passkey did not work. Please try again."), code="wrong_passkey")
        self.add_error("code", _("This code is wrong, too old, or was used already. Please type the next one."))

    def _is_proven(self, given: dict[str, Any]) -> bool:
        if given["passkey"]:
            return passkeys.is_proven(self.request, self.user, given["passkey"])
        return use_code(self.user, given["code"])


class ProofForm(SecondFactorForm):
    """The password of the user who is signed in, and the second factor, if they have one."""

    door = "again"

    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
    )
    field_order = ("password", "code", "passkey")

    def __init__(self, request: HttpRequest, user: User, data: Any = None) -> None:
        super().__init__(request, user, data)
        if not user.has_second_factor:
            del self.fields["code"], self.fields["passkey"]

    def _check_factor(self, given: dict[str, Any]) -> None:
        """Checks the password first: who does not know it learns nothing of codes."""
        if not self._has_password(given["password"]):
            self.add_error("password", _("This is not your password."))
        elif self.user.has_second_factor:
            super()._check_factor(given)

    def _has_password(self, password: str) -> bool:
        """Whether this is the password; wrong ones are counted as at the sign-in."""
        try:
            with sign_in_attempt(self.request, self.user.email, door=self.door) as attempt:
                if is_right := authenticate(self.request, username=self.user.email, password=password) == self.user:
                    attempt.succeed(self.user)
                return is_right
        except TooManyAttempts as too_many:
            self.throttled = too_many
            raise ValidationError(str(too_many), code="too_many") from too_many
