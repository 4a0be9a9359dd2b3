"""Forms about a customer: signing up, and the details in the profile."""

from itertools import groupby
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.domain.text import clean_email, clean_name
from accounts.domain.zone_names import ZONES
from accounts.domain.zones import DEFAULT_ZONE, LINKED, canonical_name, zone_name
from accounts.users.models import User
from eventstore.decider import Refusal
from eventstore.forms import CommandForm, RuleField


def timezone_choices() -> list[tuple[Any, Any]]:
    """All time zones, by region; a customer of the API may have registered with any of them."""
    regions = groupby(sorted(ZONES, key=_region_first), lambda name: _region_first(name)[0])
    return [
        (region or _("Others"), [(name, name.rpartition("/")[2].replace("_", " ")) for name in names])
        for region, names in regions
    ]


def _region_first(name: str) -> tuple[str, str]:
    return name.rpartition("/")[0], name


class ZoneSelect(forms.Select):
    """Time zones to select from; each names the older names that lead to it, as browsers may still use them."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The option for a time zone."""
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if links := LINKED.get(str(value)):
            option["attrs"]["data-links"] = " ".join(links)
        return option


class ZoneField(forms.ChoiceField):
    """A time zone; a stored one that is not known any more shows as UTC, as which it counts."""

    def prepare_value(self, value: Any) -> Any:
        """The zone that is selected."""
        return zone_name(value)

    def to_python(self, value: Any) -> str:
        """The listed name."""
        return canonical_name(str(value)) or super().to_python(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another zone was chosen, not another name of the same."""
        return bool(super().has_changed(canonical_name(initial or "") or initial, data))


def timezone_field(attributes: dict[str, str] | None = None) -> forms.ChoiceField:
    """A field for the time zone of a customer."""
    return ZoneField(
        label=_("Time zone"),
        choices=timezone_choices,
        initial=DEFAULT_ZONE,
        help_text=_("Times are shown in it, and the days of accounts that you open from now on begin by it."),
        widget=ZoneSelect(attributes),
    )


class DetailsForm(CommandForm):
    """The details of a customer."""

    name = RuleField(
        clean_name, label=pgettext_lazy("of a person", "Name"), widget=forms.TextInput({"autocomplete": "name"})
    )
    email = RuleField(clean_email, label=_("E-mail"), widget=forms.EmailInput({"autocomplete": "email"}))
    timezone = timezone_field()
    is_taken = False  # whether somebody has the address: then the page says how its owner gets it back

    def refuse(self, refusal: Refusal) -> None:
        """Shows a refusal at its field."""
        self.is_taken = refusal.code == "EMAIL_TAKEN"
        super().refuse(refusal)


class ProfileForm(DetailsForm):
    """Changes the details of a customer."""

    locale = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer(self.fields["locale"], self.initial.get("locale"))

    def disable(self) -> None:
        """Shows the details without letting them be changed."""
        for field in self.fields.values():
            field.disabled = True

    def changed(self, name: str) -> str | None:
        """The new value of a field; None if it is unchanged."""
        return self.cleaned_data[name] if name in self.changed_data else None


def _offer(field: Any, known: str | None) -> None:
    """Adds what is known to the choices: what a page does not offer, an API may have set, and saving must keep it."""
    if known and not field.valid_value(known):
        field.choices = [*field.choices, (known, _name_of(known))]


def _name_of(known: str) -> str:
    """The name of a language in the reader's own; what no language is named by stays as it is."""
    try:
        return str(get_language_info(known)["name_translated"])
    except KeyError:
        return known


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
