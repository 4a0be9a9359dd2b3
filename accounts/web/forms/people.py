"""Forms about a customer: signing up, and the details in the profile."""

from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.domain.text import clean_email, clean_name
from accounts.services.registration import DEFAULT_TIMEZONE
from accounts.users.models import User
from eventstore.forms import CommandForm, RuleField


@cache  # the names are read from the disk
def timezone_choices() -> list[tuple[Any, Any]]:
    """All time zones, by region; a customer of the API may have registered with any of them."""
    regions = groupby(sorted(available_timezones(), key=_region_first), lambda name: _region_first(name)[0])
    return [
        (region or _("Others"), [(name, name.rpartition("/")[2].replace("_", " ")) for name in names])
        for region, names in regions
    ]


def _region_first(name: str) -> tuple[str, str]:
    return name.rpartition("/")[0], name


def timezone_field(attributes: dict[str, str] | None = None) -> forms.ChoiceField:
    """A field for the time zone of a customer."""
    return forms.ChoiceField(
        label=_("Time zone"),
        choices=timezone_choices,
        initial=DEFAULT_TIMEZONE,
        help_text=_("Times are shown in it, and the days of accounts that you open from now on begin by it."),
        widget=forms.Select(attributes),
    )


class DetailsForm(CommandForm):
    """The details of a customer."""

    name = RuleField(
        clean_name, label=pgettext_lazy("of a person", "Name"), widget=forms.TextInput({"autocomplete": "name"})
    )
    email = RuleField(clean_email, label=_("E-mail"), widget=forms.EmailInput({"autocomplete": "email"}))
    timezone = timezone_field()


class ProfileForm(DetailsForm):
    """Changes the details of a customer."""

    locale = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def changed(self, name: str) -> str | None:
        """The new value of a field; None if it is unchanged."""
        return self.cleaned_data[name] if name in self.changed_data else None


class SignUpForm(DetailsForm):
    """Registers a customer with a password."""

    timezone = timezone_field({"data-here": ""})  # a script proposes where the browser is
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 8 characters, and not one that many people use. A short sentence is best."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}, render_value=False),
    )
    field_order = ("command_id", "name", "email", "password", "timezone")

    def clean_password(self) -> str:
        """The password; raises ValidationError for one that the validators reject."""
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.cleaned_data.get("email", "")))
        return password
