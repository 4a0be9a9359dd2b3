"""The forms to add second factors."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CodeAppForm(forms.Form):
    """A code that proves that an app has taken the secret."""

    code = forms.CharField(
        label=_("Code from the app"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasskeyForm(forms.Form):
    """What a browser has made, and what its owner calls it."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        help_text=_("To tell it from others, such as: my phone"),
        max_length=64,
    )
    passkey = forms.CharField(required=False, widget=forms.HiddenInput)
