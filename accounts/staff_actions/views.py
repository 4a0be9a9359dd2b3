"""The page of a staff action: its effect in words, its form, and after it the page of its subject."""

from typing import cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.services.use_cases import send_command
from accounts.staff_actions.actions import STAFF_ACTIONS, StaffAction
from accounts.staff_actions.forms import StaffActionForm
from accounts.staff_actions.subjects import admin_url, load_subject
from accounts.users.models import User
from eventstore.execute import Receipt
from eventstore.forms import attempt


def perform(request: HttpRequest, name: str, object_id: UUID) -> HttpResponse:
    """Shows the form of an action, and sends its command."""
    user, action = cast(User, request.user), STAFF_ACTIONS.get(name)
    if action is None:
        raise Http404
    if not action.is_permitted(user):
        raise PermissionDenied
    state = load_subject(action.subject, object_id)
    if state is None:
        raise Http404
    form = action.form(request.POST if request.method == "POST" else None, state=state)
    if form.is_valid() and attempt(form, lambda: _send(action, object_id, form, user)):
        messages.success(request, _("Done: %(action)s.") % {"action": action.title})
        return redirect(admin_url(action.subject, object_id))
    context = {
        **admin.site.each_context(request),
        "title": action.title,
        "action": action,
        "form": form,
        "back": admin_url(action.subject, object_id),
    }
    return TemplateResponse(request, "admin/accounts/staff_action.html", context)


def _send(action: StaffAction, subject_id: UUID, form: StaffActionForm, user: User) -> Receipt:
    command = action.build(subject_id, form.cleaned_data, user.actor)
    fingerprint = form.fingerprint(action.name, subject_id)
    return send_command(command, form.key, actor=user.actor, fingerprint=fingerprint)
