"""Forms of the page "Security"."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.domain.text import TOKEN_NAME_LIMIT, clean_token_name
from accounts.users.sessions import KEY_LENGTH
from eventstore.forms import RuleField


class TokenForm(forms.Form):
    """Makes a token."""

    name = RuleField(
        clean_token_name,
        label=pgettext_lazy("of a token", "Name"),
        help_text=_("What it is for, so that you know it again: a program, or a machine."),
        widget=forms.TextInput({"autocomplete": "off", "maxlength": TOKEN_NAME_LIMIT}),
    )


class EndSessionForm(forms.Form):
    """Ends a session."""

    session = forms.RegexField(f"^[0-9a-f]{{{KEY_LENGTH}}}$")


class EndTokenForm(forms.Form):
    """Ends a token."""

    token_id = forms.UUIDField()
