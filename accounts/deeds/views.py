"""The page of a deed: what will come of it, a form, and then the thing itself as it stands after it."""

from functools import partial
from typing import cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.deeds.catalogue import DEEDS, Deed
from accounts.deeds.forms import DeedForm
from accounts.deeds.subjects import address_of, state_of
from accounts.models import User
from accounts.roles import may
from accounts.views.outcome import attempt
from eventstore.execute import execute
from eventstore.records import Receipt


def do(request: HttpRequest, name: str, object_id: UUID) -> HttpResponse:
    """Ask for what the deed needs, and do it."""
    user, deed = cast(User, request.user), DEEDS.get(name)
    if deed is None:
        raise Http404
    if not may(user, deed.task):
        raise PermissionDenied
    state = state_of(deed.about, object_id)
    if state is None:
        raise Http404
    form = deed.form(request.POST if request.method == "POST" else None, state=state)
    if form.is_valid() and attempt(form, lambda: _done(deed, object_id, form, user)):
        messages.success(request, _("Done: %(deed)s.") % {"deed": deed.title})
        return redirect(address_of(deed.about, object_id))
    context = {
        **admin.site.each_context(request),
        "title": deed.title,
        "deed": deed,
        "form": form,
        "back": address_of(deed.about, object_id),
    }
    return TemplateResponse(request, "admin/accounts/deed.html", context)


def _done(deed: Deed, about: UUID, form: DeedForm, user: User) -> Receipt:
    return execute(
        deed.order(about, form.cleaned_data, user.actor),
        form.key,
        actor=user.actor,
        fingerprint=form.asked(deed.name, about),
        alongside=partial(deed.alongside, about) if deed.alongside else None,
    )
