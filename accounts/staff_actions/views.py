"""The page of a staff action: its effect in words, its form, and after it the page of its subject."""

from typing import cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.services.use_cases import is_grave, send_command
from accounts.staff_actions.actions import STAFF_ACTIONS, StaffAction
from accounts.staff_actions.changes import Effect, effect_of
from accounts.staff_actions.forms import StaffActionForm
from accounts.staff_actions.readers import Reader
from accounts.staff_actions.subjects import admin_url, load_subject
from accounts.users.models import User
from accounts.users.pages import sign_in_again
from accounts.users.session_times import proved_at
from eventstore.execute import Receipt
from eventstore.forms import attempt


def perform(request: HttpRequest, name: str, object_id: UUID) -> HttpResponse:
    """Shows the form of an action, and sends its command."""
    user, action = cast(User, request.user), STAFF_ACTIONS.get(name)
    if action is None:
        raise Http404
    if not action.is_permitted(user):
        raise PermissionDenied
    if is_grave(action.command_class) and (elsewhere := sign_in_again(request)):
        return elsewhere
    state = load_subject(action.subject, object_id)
    if state is None:
        raise Http404
    reader = Reader(user)
    form = action.form(request.POST if request.method == "POST" else None, state=state, reader=reader)
    if form.is_valid() and attempt(form, lambda: _send(request, action, object_id, form)):
        messages.success(request, _("Done: %(action)s.") % {"action": action.title})
        return redirect(admin_url(action.subject, object_id))
    context = {
        **admin.site.each_context(request),
        "title": action.title,
        "action": action,
        "form": form,
        "sections": action.describe(state, reader),
        "effect": _effect(action, object_id, form, user),
        "back": admin_url(action.subject, object_id),
    }
    return TemplateResponse(request, "admin/accounts/staff_action.html", context)


def _effect(action: StaffAction, subject_id: UUID, form: StaffActionForm, user: User) -> Effect:
    """What the action changes, as far as that is known before the form is filled in, or why it is refused."""
    build = action.previewed or action.build
    effect = effect_of(lambda: build(subject_id, form.sample(), user.actor), is_approved=bool(action.previewed))
    if effect.field in form.fields:  # what is typed may be right
        return Effect()
    return effect if form.effect or effect.refusal else Effect()


def _send(request: HttpRequest, action: StaffAction, subject_id: UUID, form: StaffActionForm) -> Receipt:
    actor = cast(User, request.user).actor
    command = action.build(subject_id, form.cleaned_data, actor)
    fingerprint = form.fingerprint(action.name, subject_id)
    return send_command(command, form.key, actor=actor, proved_at=proved_at(request.session), fingerprint=fingerprint)
