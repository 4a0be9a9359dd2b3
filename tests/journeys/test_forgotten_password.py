"""Whoever has forgotten the password is back with a mail, and changes the password in the profile."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail as outbox
from django.db import connection

from accounts.users.models import User
from tests.factories import CustomerFactory, StaffFactory
from tests.journeys.visitor import Visitor
from tests.mail.letters import link_in, send_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIRST = "the tide is high tonight"
SECOND = "the moon pulls at the sea"


@pytest.fixture
def ada(transactional_db: None) -> User:
    user: User = CustomerFactory.create(name="Ada", email="ada@example.org")
    return user


@pytest.fixture
def sam(transactional_db: None) -> User:
    user: User = StaffFactory.create(email="ada@example.org")
    return user


def send_from_elsewhere() -> None:
    """Send what is queued from a thread, as the browser's event loop keeps this one from the database."""

    def send() -> None:
        send_all()
        connection.close()

    with ThreadPoolExecutor() as threads:
        threads.submit(send).result()


def read_mail(subject: str) -> str:
    send_from_elsewhere()
    message = outbox.outbox[-1]
    assert (message.to, message.subject) == (["ada@example.org"], subject)
    return str(message.body)


def choose(visitor: Visitor, password: str) -> None:
    visitor.fill("New password", password)
    visitor.fill("The new password again", password)
    visitor.press("Change password")


def sign_in(visitor: Visitor, password: str) -> None:
    visitor.fill("E-mail", "ada@example.org")
    visitor.fill("Password", password)
    visitor.press("Sign in")


def test_back_in_with_a_mail(ada: User, visitor: Visitor) -> None:
    come_back(visitor, "/sign-in", "You have forgotten your password?")
    visitor.reads("Hello, Ada")
    visitor.follow("Profile")
    visitor.follow("Change password")
    visitor.fill("Old password", "wrong")
    choose(visitor, SECOND)
    visitor.reads("This is not your password.")
    visitor.fill("Old password", FIRST)
    choose(visitor, SECOND)
    visitor.reads("Your password is changed.")
    read_mail("Your password was changed")
    visitor.sign_out()
    visitor.go("/sign-in")
    sign_in(visitor, SECOND)
    visitor.reads("Hello, Ada")


def come_back(visitor: Visitor, door: str, question: str) -> None:
    visitor.go(door)
    visitor.follow(question)
    visitor.press("Send the link")
    visitor.reads("This field is required.")
    visitor.fill("E-mail", "Ada@example.org")
    visitor.press("Send the link")
    visitor.reads("Look into your mail")
    link = link_in(read_mail("Choose a new password"))
    visitor.go(link)
    choose(visitor, "12345678")
    visitor.reads("This password is too common.")
    choose(visitor, FIRST)
    visitor.reads("Your password is changed. Sign in with the new one.")
    read_mail("Your password was changed")
    sign_in(visitor, FIRST)
    here = visitor.page.url
    visitor.go(link)
    visitor.reads("This link is not good any more")
    visitor.go(here)


def test_staff_come_back_in_too(sam: User, visitor: Visitor) -> None:
    come_back(visitor, "/admin/login/", "Forgotten your login credentials?")
    assert visitor.page.url.endswith("/admin/")


def test_without_scripts(ada: User, visitor_without_scripts: Visitor) -> None:
    come_back(visitor_without_scripts, "/sign-in", "You have forgotten your password?")
    visitor_without_scripts.reads("Hello, Ada")
