"""What lies in an archive alone: the pages of the admin say where, and which command brings it back."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from eventstore import log
from eventstore.errors import RangeDetached
from eventstore.models import Command, Event

HOLD: Final[dict[Any, Callable[[int], None]]] = {Event: log.must_hold_event, Command: log.must_hold_command}


def missing(model: Any, first: int = 1) -> RangeDetached | None:
    """Why rows of a store, from a position or number on, are not all here; None if they are."""
    try:
        if must_hold := HOLD.get(model):
            must_hold(first)
    except RangeDetached as error:
        return error
    return None


def page(site: AdminSite, request: HttpRequest, error: RangeDetached) -> TemplateResponse:
    """The page in the place of one that needs what lies in an archive alone."""
    context = {**site.each_context(request), "title": _("This lies in an archive"), "elsewhere": error}
    return TemplateResponse(request, "admin/eventstore/elsewhere.html", context, status=410)
