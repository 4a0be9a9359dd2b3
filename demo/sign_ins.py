"""The sign-ins of a demo site: one member of staff for each role, and the cast."""

import base64
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password, make_password
from django.utils.crypto import salted_hmac

from accounts.services.staff import ROLES, SUPERUSER, make_staff
from accounts.services.staff_rights import has_facts
from accounts.users.models import User
from demo.people import cast
from demo.simulation import Staff

STAFF: Final = {str(role): f"{role}@tidemark.example" for role in (SUPERUSER, *ROLES)}
SHOWN: Final = 2  # members of the cast that are printed: both sides of a transfer


@dataclass(frozen=True)
class SignIn:
    """E-mail and password of one user; no password if the user has changed it."""

    role: str
    email: str
    password: str | None


def demo_password() -> str:
    """The password of all demo users: different on each site, always the same on one.

    It is derived from SECRET_KEY, so it is printed again at the next start without being stored, and this source does
    not give it away. 80 bits, in groups of four letters.
    """
    digest = salted_hmac("demo.password", "", secret=settings.SECRET_KEY, algorithm="sha256").digest()
    letters = base64.b32encode(digest[:10]).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def ensure_staff() -> Staff:
    """Makes the members of staff that are missing, who may not do anything yet; returns role -> actor.

    Their rights are facts of the log, which begins with the imported history: `grant_roles` gives them afterwards.
    """
    for email in STAFF.values():
        User.objects.get_or_create(email=email, defaults={"is_staff": True, "is_active": False})
    return {role: User.objects.get(email=email).actor for role, email in STAFF.items()}


def grant_roles() -> None:
    """Gives the members of staff their roles who never had any."""
    for role, email in STAFF.items():
        user = User.objects.get(email=email)
        if not user.is_active and not has_facts(user):
            make_staff(email, role, None, actor="system:demo_data")


def set_passwords() -> list[SignIn]:
    """Gives the demo password to demo users without one; returns the sign-ins to print."""
    customers = [member.email for member in cast()]
    locked_out = User.objects.filter(
        email__in=[*customers, *STAFF.values()], password__startswith=UNUSABLE_PASSWORD_PREFIX
    )
    if locked_out.exists():
        locked_out.update(password=make_password(demo_password()))
    shown = [("customer", email) for email in customers[:SHOWN]]
    return _sign_ins([*shown, *STAFF.items()])


def _sign_ins(wanted: list[tuple[str, str]]) -> list[SignIn]:
    emails = [email for _, email in wanted]
    stored = dict(User.objects.filter(email__in=emails).values_list("email", "password"))
    password, is_right = demo_password(), cache(check_password)  # slow on purpose; most have one hash
    return [
        SignIn(role, email, password if is_right(password, stored[email]) else None)
        for role, email in wanted
        if email in stored
    ]
