"""The outcome of a form: its command is sent, and an accepted one leads to a page that shows its effect."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url

from accounts.services import use_cases
from eventstore.execute import Receipt
from eventstore.forms import CommandForm, attempt


def send_form(form: CommandForm, command: Any, actor: str, *subject: object, dry_run: bool = False) -> Receipt | None:
    """Sends a form's command, see `attempt`; `subject` is what the form is about besides its fields, such as an id."""
    fingerprint = form.fingerprint(*subject)
    return attempt(
        form, lambda: use_cases.send_command(command, form.key, actor=actor, fingerprint=fingerprint, dry_run=dry_run)
    )


def redirect_after(receipt: Receipt, to: str, *args: object) -> HttpResponseRedirect:
    """Redirects to a page that shows the effect of the command, with the position that the page has to reflect.

    It is a cursor, so an address that is kept asks for nothing any more once the log has changed; 0 of no event.
    """
    query = urlencode({"position": (receipt.position and receipt.cursor) or receipt.position})
    return HttpResponseRedirect(f"{resolve_url(to, *args)}?{query}")
