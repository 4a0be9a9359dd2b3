"""The page of a staff action: what will come of it, a form, and then the thing itself as it stands after it."""

from functools import partial
from typing import cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.staff_actions.catalogue import STAFF_ACTIONS, StaffAction
from accounts.staff_actions.forms import StaffActionForm
from accounts.staff_actions.subjects import address_of, state_of
from accounts.users.models import User
from accounts.users.roles import may
from eventstore.execute import Receipt, execute
from eventstore.forms import attempt


def perform(request: HttpRequest, name: str, object_id: UUID) -> HttpResponse:
    """Ask for what the action needs, and do it."""
    user, action = cast(User, request.user), STAFF_ACTIONS.get(name)
    if action is None:
        raise Http404
    if not may(user, action.task):
        raise PermissionDenied
    state = state_of(action.about, object_id)
    if state is None:
        raise Http404
    form = action.form(request.POST if request.method == "POST" else None, state=state)
    if form.is_valid() and attempt(form, lambda: _execute(action, object_id, form, user)):
        messages.success(request, _("Done: %(action)s.") % {"action": action.title})
        return redirect(address_of(action.about, object_id))
    context = {
        **admin.site.each_context(request),
        "title": action.title,
        "action": action,
        "form": form,
        "back": address_of(action.about, object_id),
    }
    return TemplateResponse(request, "admin/accounts/staff_action.html", context)


def _execute(action: StaffAction, about: UUID, form: StaffActionForm, user: User) -> Receipt:
    return execute(
        action.command(about, form.cleaned_data, user.actor),
        form.key,
        actor=user.actor,
        fingerprint=form.fingerprint(action.name, about),
        in_transaction=partial(action.in_transaction, about) if action.in_transaction else None,
    )
