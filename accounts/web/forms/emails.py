"""The form by which somebody asks for their e-mail address back."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.domain.text import clean_email
from eventstore.forms import RuleField


class TakeBackForm(forms.Form):
    """The address that somebody else has registered with."""

    email = RuleField(clean_email, label=_("Your e-mail"), widget=forms.EmailInput({"autocomplete": "email"}))
