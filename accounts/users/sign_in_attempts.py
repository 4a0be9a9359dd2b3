"""Attempts to sign in: whatever checks a secret of a user counts first, so that guessing is slow at every door.

The one way in, for pages and API, for passwords, one-time codes and whatever else can be guessed:

    with sign_in_attempt(request, email, door="page") as attempt:  # raises TooManyAttempts, before anything is checked
        user = authenticate(request, username=email, password=password)
        if user is not None:
            attempt.succeed(user)

What leaves the block without `succeed` was a wrong guess, also by an exception. TooManyAttempts is answered by itself
(429 THROTTLED in the API, the page `429.html` elsewhere, with Retry-After); a form had better show it as its error.
`kind` keeps counts apart: a code is guessed by who has the password, so its count is another one than the password's.

An attempt is counted, at the rates of `settings.ATTEMPT_RATES`,

- from a known source of the user: for this user and this source (`sign_in` and `sign_in_account`);
- from a known source of who had the address until its owner took it back: for that user, whichever source it is, as
  each sign-in by their own password makes another device, and they are not to guess the owner's with all of them;
- else: for this e-mail from this address (`sign_in`), for this address (`sign_in_address`), and for this e-mail
  (`sign_in_account`).

So who guesses from many addresses uses up the third count, and locks out others who guess, not the owner, whose device
or address is known (`known_sources`), nor who resets the password by mail: that makes the device known. An e-mail that
is nobody's is counted like any other. A right secret takes its own count back, and no more.

Once somebody is signed in altogether, `signed_in` follows: Django's `login` calls it; who gives out a token does it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.users import security_log
from accounts.users.attempts import Attempt, TooManyAttempts, count_together
from accounts.users.emails import normalise_email
from accounts.users.known_sources import known_source, remember_address, remember_device
from accounts.users.models import User
from eventstore.http.addresses import network_address

DOOR: Final = "_sign_in_door"  # the attribute of a request that names where it tries to sign in


@dataclass
class SignInAttempt:
    """One attempt, which has failed until it is said to have succeeded."""

    user: User | None = field(default=None, init=False)

    def succeed(self, user: User) -> None:
        """Say that the secret was right, and whose it was."""
        self.user = user


@contextmanager
def sign_in_attempt(request: HttpRequest, email: str, *, door: str, kind: str = "password") -> Iterator[SignInAttempt]:
    """Counts an attempt before the block checks a secret; takes it back if the block says that it succeeded.

    Raises TooManyAttempts: then even the right secret is not checked. `door` names the place in the security log.
    """
    setattr(request, DOOR, door)
    users = User.objects.who_sign_in_with(email) or [User()]  # nobody's: the same is asked about who was never saved
    login = security_log.pseudonym(normalise_email(email))  # alike for whoever tries the same e-mail, also nobody's
    facts = {"door": door, "kind": kind, "target": users[0].actor if users[0].pk else None, "login": login}
    try:
        counted = count_together(_attempts(request, normalise_email(email), users, kind))
    except TooManyAttempts:
        security_log.record("sign_in.throttled", request, **facts)
        raise
    attempt = SignInAttempt()
    try:
        yield attempt
    finally:
        if attempt.user is None:
            security_log.record("sign_in.failed", request, **facts)
    if attempt.user is not None:
        counted.take_back()


def record_factor(event: str, request: HttpRequest, user: User, *, door: str) -> None:
    """Record `sign_in.failed` or `sign_in.throttled` of a second factor, by somebody whose password was right."""
    security_log.record(event, request, actor=user.actor, door=door, kind="second factor", target=user.actor)


def signed_in(request: HttpRequest, user: User, *, door: str) -> None:
    """Record that a user has signed in, with all secrets that it takes, and make the address a known one."""
    security_log.record("sign_in.succeeded", request, actor=user.actor, door=door)
    remember_address(request, user)


@receiver(user_logged_in, dispatch_uid="accounts.signed_in")
def _session_began(request: HttpRequest | None, user: User, **_: Any) -> None:
    if request is not None:
        signed_in(request, user, door=getattr(request, DOOR, "session"))
        remember_device(request, user)


def _attempts(request: HttpRequest, email: str, users: Sequence[User], kind: str) -> Sequence[Attempt]:
    address = network_address(request)
    if known := known_source(request, users):
        user, source = known
        subject = f"{kind} {email} {f'lost by {user.pk}' if user.released_email == email else source}"
        return [("sign_in", subject), ("sign_in_account", subject)]
    return [
        ("sign_in", f"{kind} {email} {address}"),
        ("sign_in_address", address),
        ("sign_in_account", f"{kind} {email}"),
    ]
