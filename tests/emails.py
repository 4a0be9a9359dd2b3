"""E-mails of users in tests: the links of their mails, opened as they are in a browser."""

from django.test import Client

from accounts.users.email_links import Purpose, make_link
from accounts.users.mail import OutgoingMail
from accounts.users.models import User


def path_of_link(purpose: Purpose, user: User) -> str:
    """The path of a link that is made now."""
    user.refresh_from_db()
    return f"/email/{make_link(purpose, user)}"


def confirm_email(user: User) -> None:
    """Have a user follow the link of their first mail."""
    assert Client().post(path_of_link(Purpose.OWN, user), {"confirm": "1"}).status_code == 302
    user.refresh_from_db()


def change_email(user: User) -> None:
    """Have a user confirm the address that they asked for."""
    assert Client().post(path_of_link(Purpose.CHANGE, user), {"confirm": "1"}).status_code == 302
    user.refresh_from_db()


def unconfirm(user: User) -> None:
    """Have a user as if they had never confirmed their address."""
    User.objects.filter(pk=user.pk).update(email_confirmed_at=None)
    user.refresh_from_db()


def release_email(user: User, client: Client | None = None) -> None:
    """Have the owner of a user's address take it back, which the user never confirmed."""
    unconfirm(user)
    path = path_of_link(Purpose.OWN, user)
    assert (client or Client()).post(path, {"release": "1"}).status_code == 302
    user.refresh_from_db()


def mails_to(email: str) -> list[str]:
    """The kinds of the mails that wait to be sent to an address, the oldest first."""
    return list(OutgoingMail.objects.filter(email=email).order_by("pk").values_list("kind", flat=True))
