"""Pages on which customers and members of staff add and remove their second factors."""

from typing import cast

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.users import factors as own
from accounts.users import passkeys
from accounts.users.factors import factors_of, lacks_second_factor
from accounts.users.models import User
from accounts.users.pages import form_page, fresh_sign_in_required
from accounts.users.session_times import give_second_factor
from accounts.web.forms.factors import CodeAppForm, PasskeyForm
from accounts.web.views.frames import render_framed


@never_cache
@require_safe
@login_required
def factors(request: HttpRequest) -> HttpResponse:
    """The second factors of the user, and what can be done about them."""
    return _page(
        request, "factors.html", factors=factors_of(_user(request)), must_add=lacks_second_factor(request.user)
    )


@never_cache
@form_page
@login_required
@fresh_sign_in_required
def add_app(request: HttpRequest) -> HttpResponse:
    """Shows the secret for an app, until a code proves that the app has it. It takes the place of an earlier app."""
    user = _user(request)
    app = own.new_app(user, request.session)
    form = CodeAppForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        codes = own.confirm_app(user, app, form.cleaned_data["code"], request)
        if codes is not None:
            return _added(request, codes, _("The app is set up."))
        form.add_error("code", _("This code is wrong or too old. Please type the one that the app shows now."))
    return _page(request, "add_app.html", form=form, app=app, **_picture(app.config_url))


@never_cache
@form_page
@login_required
@fresh_sign_in_required
def add_passkey(request: HttpRequest) -> HttpResponse:
    """Lets the browser make a passkey."""
    user, form = _user(request), PasskeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            passkey = passkeys.new_passkey(request, user, form.cleaned_data["passkey"])
            passkey.name = form.cleaned_data["name"]
            return _added(request, own.add_passkey(user, passkey, request), _("The passkey is set up."))
        except (passkeys.PasskeyRefused, IntegrityError):
            form.add_error(None, _("This passkey did not work. Please try again."))
    return _page(request, "add_passkey.html", form=form, passkey_options=passkeys.ask_for_new(request, user))


@never_cache
@form_page
@login_required
@fresh_sign_in_required
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Makes new recovery codes, which end the old ones."""
    user = _user(request)
    if not user.has_second_factor:
        return redirect("accounts:factors")
    if request.method != "POST":
        return _page(request, "new_codes.html")
    return _page(request, "codes.html", codes=own.new_recovery_codes(user, request))


@never_cache
@form_page
@login_required
@fresh_sign_in_required
def remove_app(request: HttpRequest) -> HttpResponse:
    """Removes the app, after a question."""
    user = _user(request)
    if not factors_of(user).app:
        raise Http404
    if request.method != "POST":
        return _page(request, "remove.html", name=_("the app that makes codes"))
    own.remove_app(user, request)
    return _removed(request)


@never_cache
@form_page
@login_required
@fresh_sign_in_required
def remove_passkey(request: HttpRequest, passkey_id: int) -> HttpResponse:
    """Removes a passkey, after a question."""
    user = _user(request)
    passkey = next((each for each in factors_of(user).passkeys if each.pk == passkey_id), None)
    if passkey is None:
        raise Http404
    if request.method != "POST":
        return _page(request, "remove.html", name=passkey.name)
    own.remove_passkey(user, passkey_id, request)
    return _removed(request)


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)


def _page(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    return render_framed(request, _user(request), f"accounts/security/{template}", **context)


def _added(request: HttpRequest, codes: list[str], done: str) -> HttpResponse:
    """The page after a factor was added, which counts as given; with the first one come recovery codes."""
    update_session_auth_hash(request, _user(request))  # with the first factor all sessions end but this one
    give_second_factor(request)
    messages.success(request, done)
    return _page(request, "codes.html", codes=codes) if codes else redirect("accounts:factors")


def _removed(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("It is removed."))
    return redirect("accounts:factors")


def _picture(address: str) -> dict[str, object]:
    """A QR code: the outline of its dark squares, as SVG has it, and how many squares it is wide."""
    code = segno.make(address, error="m")
    dark = [
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(code.matrix_iter(border=4))
        for x, is_dark in enumerate(row)
        if is_dark
    ]
    return {"outline": "".join(dark), "width": code.symbol_size(border=4)[0]}
