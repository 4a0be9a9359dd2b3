"""From a form to what came of its command."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from accounts.web.forms.base import CommandForm
from eventstore.decider import Refused
from eventstore.errors import RetriesExhausted
from eventstore.execute import Receipt


def attempt(form: CommandForm, ask: Callable[[], Receipt]) -> Receipt | None:
    """The receipt, if the command was accepted; a refusal goes to the form, whichever way it came."""
    try:
        receipt = ask()
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
    """Lead to a page that shows what the command did; the position tells it how fresh it has to be."""
    query = urlencode({"position": receipt.position})
    return HttpResponseRedirect(f"{resolve_url(to, *args)}?{query}")
