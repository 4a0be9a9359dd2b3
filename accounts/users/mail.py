"""The queue of mails: what is to be sent, not yet what it says. Links with secrets are made when they are sent."""

from collections.abc import Collection

from django.db import models
from django.utils.translation import get_language

from accounts.users import attempts


class OutgoingMail(models.Model):
    """A mail that waits to be sent; the row is deleted with the sending.

    Queueing takes the same work whether or not anybody has the address, so the time of an answer tells nothing.
    """

    kind = models.CharField(max_length=40)
    email = models.CharField(max_length=254)  # whom it goes to, or who is looked up when it is sent
    user_id = models.BigIntegerField(null=True)  # whom it is about, where that is known
    language = models.CharField(max_length=20)
    queued_at = models.DateTimeField(auto_now_add=True)
    failures = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.kind}, queued at {self.queued_at}"


def queue_mail(kind: str, email: str, *, user_id: int | None = None, language: str | None = None) -> None:
    """Queue a mail in the present transaction; it is sent when that has been committed, in the reader's language.

    For who has counted the mails that an address gets; `queue_few` does it.
    """
    OutgoingMail.objects.create(kind=kind, email=email, user_id=user_id, language=language or get_language() or "en")


def queue_few(kind: str, email: str, *, user_id: int | None = None, language: str | None = None) -> None:
    """Queue a mail, unless there were many of this kind to this address: it may be that of a stranger.

    Too many are left out without a word: those before say the same. Other kinds are counted apart, so nobody keeps a
    mail from its reader by having others sent.
    """
    try:
        attempts.count("email_link", f"{kind} {email}")  # what is rolled back with this transaction sends no mail
    except attempts.TooManyAttempts:
        return
    queue_mail(kind, email, user_id=user_id, language=language)


def forget_mails(user_id: int, emails: Collection[str]) -> None:
    """Delete the mails that wait to be sent about a user, or to one of their addresses."""
    OutgoingMail.objects.filter(models.Q(user_id=user_id) | models.Q(email__in=emails)).delete()
