"""Passwords: who forgot theirs is sent a link, and whoever changes one is told so by mail."""

from django.contrib.auth.hashers import make_password
from django.db import router, transaction
from django.db.models import Case, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.users import attempts
from accounts.users.mail import queue_few, queue_mail
from accounts.users.models import User


def ask_for_link(email: str) -> None:
    """Queues the mail with the link to choose a password, and does the same where nobody has the e-mail.

    Too many are left out without a word. Nobody is locked out by that: they are counted for as long as a link is good,
    so whoever has the mailbox finds one there.
    """
    try:
        attempts.count("password_reset_mail", email)
    except attempts.TooManyAttempts:
        return
    queue_mail("password_reset", email)


def change_password(user: User, password: str) -> bool:
    """Gives a user who has proved to know the old password another one; see `_replace`."""
    return _replace(user, password)


def choose_password(user: User, password: str) -> bool:
    """Gives a user who came by the link another password; see `_replace`.

    Who has the mail has proved to own the e-mail; but if a second factor was added before, perhaps by somebody else,
    they are not in yet, and may still take it back instead. A change of e-mail that waits to be confirmed is called
    off: somebody else may have asked for it. As other links are dead now, one more may be asked for.
    """
    proven_at = Case(When(has_second_factor=False, then=Value(timezone.now())))
    proven = {"email_confirmed_at": Coalesce("email_confirmed_at", proven_at), "new_email": ""}
    is_done = _replace(user, password, **proven)
    if is_done:
        attempts.take_back("password_reset_mail", user.email)
    return is_done


def _replace(user: User, password: str, **more: object) -> bool:
    """Stores the hash of another password, and queues the notice; ends all sessions and tokens, as they depend on it.

    Whether it did: not if user, password or e-mail have changed since they were read. So a link is good for one time,
    also for two who use it at once, and nothing that others write meanwhile is undone.
    """
    password_hash = make_password(password)  # slow on purpose, so not while a transaction is open
    as_known = User.objects.filter(pk=user.pk, password=user.password, email=user.email, is_active=True)
    with transaction.atomic(using=router.db_for_write(User)):
        if not as_known.update(password=password_hash, **more):
            return False
        queue_few("password_changed", user.email, user_id=user.pk)
    user.password = password_hash
    return True
