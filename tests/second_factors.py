"""Second factors of people in tests, and the codes that their apps show."""

import time
from datetime import timedelta

from django.db.models import F
from django.test import Client
from django_otp.oath import TOTP

from accounts.users.code_devices import CodeApp
from accounts.users.factors import new_recovery_codes
from accounts.users.models import User
from accounts.users.session_times import PROVED_AT, SECOND_FACTOR, SIGNED_IN_AT
from accounts.users.sessions import Session, row_key_of


def give_app(user: User) -> list[str]:
    """An app that is set up; returns the recovery codes."""
    CodeApp.objects.create(user=user, confirmed=True)
    User.objects.filter(pk=user.pk).update(has_second_factor=True)
    user.refresh_from_db()
    return new_recovery_codes(user)


def code_of(user: User, *, steps: int = 0, confirmed: bool = True) -> str:
    """What the app shows now, or so many half minutes later."""
    app = CodeApp.objects.get(user=user, confirmed=confirmed)
    totp = TOTP(app.bin_key)
    totp.time = time.time() + steps * app.step
    return f"{totp.token():06d}"


def wrong_code(user: User) -> str:
    """A code that the app does not show now, nor in the half minutes around."""
    near = {code_of(user, steps=steps) for steps in range(-2, 3)}
    return next(code for code in map(str, range(100_000, 1_000_000)) if code not in near)


def sign_in(client: Client, user: User) -> Client:
    """Somebody who is signed in, with a second factor if they have one."""
    client.force_login(user)
    if user.has_second_factor:
        session = client.session
        session[SECOND_FACTOR] = True
        session.save()
    return client


def age(client: Client, *, signed_in: int = 0, seen: int = 0, proved: int = 0) -> None:
    """Moves the times of a session into the past, by minutes."""
    session = client.session
    for name, minutes in ((SIGNED_IN_AT, signed_in), (PROVED_AT, proved)):
        session[name] -= minutes * 60
    session.save()
    row = Session.objects.filter(pk=row_key_of(session.session_key or ""))
    row.update(seen_at=F("seen_at") - timedelta(minutes=seen))
