"""E-mail addresses of users: confirmed, changed, taken back by their owners; each by a link in a mail."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest

from accounts.domain.commands import ChangeEmail, ReleaseEmail
from accounts.services.ids import new_id
from accounts.services.registration import anonymous_actor
from accounts.services.use_cases import send_command
from accounts.users import attempts, security_log
from accounts.users.email_links import EmailLink, Purpose, State, read_link
from accounts.users.mail import queue_few
from accounts.users.models import User
from accounts.users.sign_ins import confirm_sign_in
from accounts.users.taken_emails import tell_slowly
from eventstore.decider import Refusal
from eventstore.execute import Receipt, command_id_of
from eventstore.models import Command

GIVES_UP_AFTER: Final = 3  # others who registered with an address while its owner took it


def confirm(link: EmailLink, request: HttpRequest | None = None) -> Refusal | None:
    """Lets an address count, now that it is proven; the refusal if it is somebody else's meanwhile.

    For a customer who asked for it, it becomes the address of their sign-in. Whoever has it without proof loses it.
    """
    if link.purpose is Purpose.OWN:
        confirmed, refusal = confirm_sign_in(link.email, link.user.pk), None
    else:
        refusal = _change(link)
        confirmed = refusal is None
    if confirmed:
        security_log.record("email.confirmed", request, actor=link.user.actor, purpose=link.purpose)
    return refusal


def _change(link: EmailLink) -> Refusal | None:
    assert link.user.customer_id, "members of staff ask for no addresses"
    release_unconfirmed(link.email, but=link.user)
    command = ChangeEmail(link.user.customer_id, link.email)
    return send_command(command, new_id(), actor=link.user.actor).refusal


def release(link: EmailLink, request: HttpRequest | None = None) -> Refusal | None:
    """Takes an address from the customer who never confirmed it; the refusal if they did so meanwhile."""
    return _release(link.user, link.email, request).refusal


def release_unconfirmed(email: str, *, but: User | None = None) -> None:
    """Takes an address that the caller is proven to own from whoever registered with it and never confirmed it."""
    for _ in range(GIVES_UP_AFTER):
        holder = User.objects.filter(email=email, email_confirmed_at=None, customer_id__isnull=False).first()
        if holder is None or holder == but:
            return
        _release(holder, email)


def _release(holder: User, email: str, request: HttpRequest | None = None) -> Receipt:
    """Executes ReleaseEmail in the name of whoever owns the address."""
    assert holder.customer_id, "members of staff have proven addresses"
    receipt = send_command(ReleaseEmail(holder.customer_id, email), new_id(), actor=anonymous_actor(email))
    if receipt.accepted:
        security_log.record("email.released", request, customer_id=str(holder.customer_id))
    return receipt


def state_of(secret: str) -> State | None:
    """What has become of a link; None if it is dead."""
    link = read_link(secret)
    return link.state if link else None


def ask_for_link(email: str) -> None:
    """Queues a mail to whoever reads an address, by which they may take it back; the same work for any address.

    What the mail says is found out when it is sent. Too many of them are left out: what was sent before is as good.
    """
    queue_few("claim_email", email)


def send_again(user: User) -> None:
    """Queues the mails once more by which a customer confirms addresses, unless there were many."""
    if not user.email_confirmed_at and not user.released_email:
        queue_few("confirm_email", user.email, user_id=user.pk)
    if user.new_email:
        queue_few("confirm_new_email", user.new_email, user_id=user.pk)


def ask_slowly(
    request: HttpRequest, ask: Callable[[], Receipt], *, actor: str, key: str, dry_run: bool = False
) -> Receipt:
    """The receipt of a change of details with an e-mail; raises TooManyAttempts, before anything is asked.

    Each new one sends mails, and may tell that the address is taken. A request that is known already does neither, but
    for a rehearsal, which is decided anew each time.
    """
    if not dry_run and Command.objects.filter(command_id=command_id_of(actor, key)).exists():
        return ask()
    attempts.count("email_change", actor)
    receipt = tell_slowly(request, ask)
    security_log.record("email.change_asked", request, actor=actor, accepted=receipt.accepted, dry_run=receipt.dry_run)
    return receipt
