"""Fixtures of mails: a kind of them, which says what a test lets it say."""

from collections.abc import Callable, Iterator

import pytest

from accounts.services.mail import Letter
from accounts.services.mail.kinds import kinds, mail_kind
from accounts.users.mail import OutgoingMail


@pytest.fixture
def greeting() -> Iterator[list[Callable[[OutgoingMail], Letter | None]]]:
    """A kind of mail with the text of `password_changed`; a test may put another writer into the list."""
    writers: list[Callable[[OutgoingMail], Letter | None]] = [lambda mail: Letter(mail.email, None, {"link": "here"})]

    def password_changed(mail: OutgoingMail) -> Letter | None:
        return writers[-1](mail)

    before = kinds["password_changed"]
    mail_kind("Good day")(password_changed)
    yield writers
    kinds["password_changed"] = before
