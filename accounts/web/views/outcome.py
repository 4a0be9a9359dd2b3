"""The answer to an accepted form."""

from urllib.parse import urlencode

from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url

from eventstore.execute import Receipt


def redirect_after(receipt: Receipt, to: str, *args: object) -> HttpResponseRedirect:
    """Lead to a page that shows what the command did; the position tells it how fresh it has to be."""
    query = urlencode({"position": receipt.position})
    return HttpResponseRedirect(f"{resolve_url(to, *args)}?{query}")
