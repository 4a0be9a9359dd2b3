"""Retrying parked streams, and skipping an event for a recorded reason."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from eventstore.models import Parked
from eventstore.projecting import skips
from eventstore.projecting.declaration.registry import subscribers
from eventstore.projecting.parking import parking

HANDLE_PARKED: Final = "eventstore.handle_parked"
MAX_SECONDS: Final = 10.0  # seconds that a request goes on trying; what is left is for the next


class SkipForm(forms.Form):
    """The reason for skipping an event. `position` is that of the event that the user saw."""

    position = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is recorded for ever beside your name. Write no personal data into it: it can't be erased."),
    )

    def clean_reason(self) -> str:
        """The reason in one line; raises ValidationError if nobody could read it."""
        try:
            return skips.readable(self.cleaned_data["reason"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


@dataclass
class RetryResult:
    """How many streams go on, how many failed again, and how many there was no time for."""

    going: int = 0
    failed: int = 0
    left: int = 0

    def add_messages(self, request: HttpRequest) -> None:
        """Add the result to the messages of the next page."""
        if self.going:
            text = ngettext("%(count)d stream goes on.", "%(count)d streams go on.", self.going)
            messages.success(request, text % {"count": self.going})
        if self.failed:
            text = ngettext(
                "%(count)d stream failed again and stays parked.",
                "%(count)d streams failed again and stay parked.",
                self.failed,
            )
            messages.error(request, text % {"count": self.failed})
        if self.left:
            text = ngettext(
                "There was no time for %(count)d stream: press again, or use manage.py parked_events --retry-all.",
                "There was no time for %(count)d streams: press again, or use manage.py parked_events --retry-all.",
                self.left,
            )
            messages.warning(request, text % {"count": self.left})


def may_handle(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether a user may retry and skip."""
    return isinstance(user, PermissionsMixin) and user.has_perm(HANDLE_PARKED)


def actor_of(user: Any) -> str:
    """The actor as the log names it: the `actor` of the project's users, or their primary key."""
    return str(getattr(user, "actor", f"staff:{user.pk}"))


def is_declared(parked: Parked) -> bool:
    """Whether the code still declares the projection or reaction."""
    return parked.projection_id in subscribers()


def retry(parked: Iterable[Parked]) -> RetryResult:
    """Retry streams one by one, in the given order, for as long as a request may take."""
    outcome, until = RetryResult(), time.monotonic() + MAX_SECONDS
    for row in parked:
        if time.monotonic() >= until:
            outcome.left += 1
        elif is_declared(row) and parking.retry(row):
            outcome.going += 1
        else:
            outcome.failed += 1
    return outcome
