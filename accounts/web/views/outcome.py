"""The outcome of a form: its command is sent, and a refusal goes back to the form."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from accounts.services import use_cases
from accounts.web.forms.base import CommandForm
from eventstore.decider import Refused
from eventstore.errors import RetriesExhausted
from eventstore.execute import Receipt


def send_form(form: CommandForm, command: Any, actor: str, *subject: object, dry_run: bool = False) -> Receipt | None:
    """Send a form's command, see `attempt`; `subject` is what the form is about besides its fields, such as an id."""
    fingerprint = form.fingerprint(*subject)
    return attempt(
        form, lambda: use_cases.send_command(command, form.key, actor=actor, fingerprint=fingerprint, dry_run=dry_run)
    )


def attempt(form: CommandForm, execute: Callable[[], Receipt]) -> Receipt | None:
    """The receipt of an accepted command; None after a refusal, raised or in the receipt, which the form then shows."""
    try:
        receipt = execute()
    except Refused as refused:
        form.refuse(refused.refusal)
        return None
    except RetriesExhausted:  # nothing is stored, so the form keeps its id and can safely be sent again
        form.add_error(None, _("We are too busy just now. Nothing was done: please send this once more."))
        return None
    if receipt.refusal:
        form.refuse(receipt.refusal)
        return None
    return receipt


def redirect_after(receipt: Receipt, to: str, *args: object) -> HttpResponseRedirect:
    """Redirect to a page that shows the effect of the command, with the position that the page has to reflect."""
    query = urlencode({"position": receipt.position})
    return HttpResponseRedirect(f"{resolve_url(to, *args)}?{query}")
