"""Second factors of users: an app that makes codes, passkeys, and codes for recovery."""

import base64
import os
import re
from dataclasses import dataclass
from typing import Any, Final, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django_otp import verify_token
from django_otp_webauthn.models import WebAuthnCredential

from accounts.users import attempts, security_log
from accounts.users.code_devices import CodeApp, RecoveryCodes, in_groups
from accounts.users.mail import queue_few
from accounts.users.models import User

RECOVERY_CODES: Final = 10
RECOVERY_CODE_BYTES: Final = 10  # 80 bits: nobody guesses one, so wrong ones need not be counted
APP_CODE: Final = re.compile(r"[0-9]{6}")
RECOVERY_CODE: Final = re.compile(r"[a-z2-7]{16}")
PASSKEY: Final = "passkey"
NEW_APP: Final = "new_code_app"  # where a session keeps the id of the app that is about to be added


@dataclass(frozen=True)
class Factors:
    """The second factors of a user."""

    app: CodeApp | None
    passkeys: list[WebAuthnCredential]
    recovery_codes_left: int


def factors_of(user: User) -> Factors:
    """The second factors of a user, the oldest passkey first."""
    return Factors(
        app=CodeApp.objects.filter(user=user, confirmed=True).first(),
        passkeys=list(WebAuthnCredential.objects.filter(user=user, confirmed=True).order_by("pk")),
        recovery_codes_left=sum(device.token_set.count() for device in RecoveryCodes.objects.filter(user=user)),
    )


def lacks_second_factor(user: User | AnonymousUser) -> bool:
    """Whether this is a member of staff who has to set up a second factor before anything else."""
    return settings.STAFF_SECOND_FACTOR and user.is_staff and not user.has_second_factor


def new_app(user: User, session: SessionBase) -> CodeApp:
    """The app that a user is about to add in a session: it counts once it has made a code.

    No other session is shown its secret: else who was in before would know what the user sets up later.
    """
    begun = CodeApp.objects.filter(user=user, confirmed=False)
    app = begun.filter(pk=session.get(NEW_APP)).first()
    if app is None:
        begun.delete()
        app = CodeApp.objects.create(user=user, confirmed=False)
        session[NEW_APP] = app.pk
    return cast(CodeApp, app)


def confirm_app(user: User, app: CodeApp, code: str, request: HttpRequest | None = None) -> list[str] | None:
    """Adds a new app if the code is its; returns new recovery codes, if there were none. None for a wrong code."""
    if not APP_CODE.fullmatch(plain(code)) or verify_token(user, app.persistent_id, plain(code)) is None:
        return None
    with transaction.atomic():
        _lock(user)
        CodeApp.objects.filter(user=user).exclude(pk=app.pk).delete()
        CodeApp.objects.filter(pk=app.pk).update(confirmed=True)
        return _added(user, "code_app", request)


def add_passkey(user: User, passkey: WebAuthnCredential, request: HttpRequest | None = None) -> list[str]:
    """Adds a passkey that was checked and not yet stored; returns new recovery codes, if there were none."""
    with transaction.atomic():
        _lock(user)
        passkey.save()
        return _added(user, PASSKEY, request)


def new_recovery_codes(user: User, request: HttpRequest | None = None) -> list[str]:
    """Fresh recovery codes, as they are shown once; older ones open no more."""
    with transaction.atomic():
        _lock(user)
        RecoveryCodes.objects.filter(user=user).delete()
        device = RecoveryCodes.objects.create(user=user)
        codes = [base64.b32encode(os.urandom(RECOVERY_CODE_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
        device.token_set.bulk_create(device.token_set.model(device=device, token=device.hashed(code)) for code in codes)
        security_log.record("factor.added", request, actor=user.actor, factor="recovery_codes")
    return [in_groups(code, "-") for code in codes]


def remove_app(user: User, request: HttpRequest | None = None) -> bool:
    """Removes the app; whether there was one."""
    return _remove(user, "code_app", CodeApp.objects.filter(user=user), request)


def remove_passkey(user: User, passkey_id: int, request: HttpRequest | None = None) -> bool:
    """Removes a passkey of the user; whether there was one with this id."""
    return _remove(user, PASSKEY, WebAuthnCredential.objects.filter(user=user, pk=passkey_id), request)


def remove_factors(user: User, *, notify: bool = True) -> None:
    """Removes all second factors of somebody who has lost them or leaves; whoever has found them is out."""
    with transaction.atomic():
        _lock(user)
        had_one = user.has_second_factor
        for model in (CodeApp, RecoveryCodes, WebAuthnCredential):
            model.objects.filter(user=user).delete()
        User.objects.filter(pk=user.pk).update(has_second_factor=False)
        user.refresh_from_db(fields=["has_second_factor"])
        if had_one:
            user.end_access()
            security_log.record("factor.removed", actor=user.actor, factor="all")
            if notify:
                queue_few("factor_removed", user.email, user_id=user.pk)


def use_code(user: User, text: str) -> bool:
    """Whether a text is a code that opens now; it never opens again, and of two who send it at once one gets in.

    Raises TooManyAttempts after many wrong codes of the app. Recovery codes and passkeys open even then: somebody who
    knows the password and tries codes does not lock out who has the factor.
    """
    code = plain(text)
    if APP_CODE.fullmatch(code):
        return _use_app_code(user, code)
    return bool(RECOVERY_CODE.fullmatch(code)) and _is_taken(
        user, RecoveryCodes.objects.filter(user=user).first(), code
    )


def _use_app_code(user: User, code: str) -> bool:
    counted = attempts.count("second_factor", str(user.pk))
    taken = _is_taken(user, CodeApp.objects.filter(user=user, confirmed=True).first(), code)
    if taken:
        counted.take_back()
    return taken


def _is_taken(user: User, device: Any, code: str) -> bool:
    """Whether a device takes a code; its row is locked meanwhile."""
    return device is not None and verify_token(user, device.persistent_id, code) is not None


def _added(user: User, factor: str, request: HttpRequest | None) -> list[str]:
    """Notes that a factor was added. With the first one, whatever was opened by the password alone is closed."""
    security_log.record("factor.added", request, actor=user.actor, factor=factor)
    queue_few("factor_added", user.email, user_id=user.pk)
    if not user.has_second_factor:
        User.objects.filter(pk=user.pk).update(has_second_factor=True)
        user.refresh_from_db(fields=["has_second_factor"])
        user.end_access()
    return [] if RecoveryCodes.objects.filter(user=user).exists() else new_recovery_codes(user, request)


def _remove(user: User, factor: str, devices: Any, request: HttpRequest | None) -> bool:
    with transaction.atomic():
        _lock(user)
        if not devices.delete()[0]:
            return False
        security_log.record("factor.removed", request, actor=user.actor, factor=factor)
        queue_few("factor_removed", user.email, user_id=user.pk)
        left = factors_of(user)
        if not left.app and not left.passkeys:  # codes for recovery are none by themselves
            RecoveryCodes.objects.filter(user=user).delete()
            User.objects.filter(pk=user.pk).update(has_second_factor=False)
            user.refresh_from_db(fields=["has_second_factor"])
    return True


def _lock(user: User) -> None:
    """Lets changes of a user's factors take turns, and learns what the ones before have left."""
    User.objects.select_for_update().get(pk=user.pk)
    user.refresh_from_db(fields=["has_second_factor"])


def plain(text: str) -> str:
    """A code as it was typed, without spaces and hyphens, in lower case."""
    return re.sub(r"[\s-]", "", text).lower()
