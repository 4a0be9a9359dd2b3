"""Somebody signs up with the address of another, who takes it back; both go on."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail as outbox
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from accounts.services.mail import Report, send_due
from tests.factories import PASSWORD
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADDRESS = "mira@example.org"
OTHER_PASSWORD = "another long sentence"


def link_to(email: str) -> str:
    """The path of the link in the last mail to an address."""
    with ThreadPoolExecutor(1) as pool:  # this thread's event loop is the browser's
        pool.submit(send).result()
    texts = [str(message.body) for message in outbox.outbox if message.to == [email]]
    found = re.search(r"https?://[^/]+(/email/\S+)", texts[-1])
    assert found, texts[-1]
    return found[1]


def send() -> None:
    try:
        send_due(Report())
    finally:
        connection.close()


def sign_up(visitor: Visitor, name: str, email: str, password: str) -> None:
    visitor.go("/sign-up")
    visitor.fill("Name", name)
    visitor.fill("E-mail", email)
    visitor.fill("Password", password)
    visitor.press("Sign up")


def sign_in(visitor: Visitor, password: str) -> None:
    visitor.go("/sign-in")
    visitor.fill("E-mail", ADDRESS)
    visitor.fill("Password", password)
    visitor.press("Sign in")


def the_owner_takes_the_address_back(visitor: Visitor) -> None:
    sign_up(visitor, "Maria", ADDRESS, OTHER_PASSWORD)
    visitor.reads("Hello, Maria")
    visitor.go("/profile")
    visitor.reads(f"{ADDRESS} is not confirmed yet.")
    visitor.press("Send the mail again")
    visitor.reads("The mail is on its way.")
    visitor.sign_out()
    sign_up(visitor, "Mira", ADDRESS, PASSWORD)
    visitor.reads("It is your address, but you never signed up with it?")
    visitor.follow("Take it back")
    visitor.fill("Your e-mail", ADDRESS)
    visitor.press("Send me the mail")
    visitor.reads("a mail is on its way")
    visitor.go(link_to(ADDRESS))
    visitor.reads("Did you sign up with this address?")
    visitor.press("It was not me: give my address back")
    visitor.reads("Your address is yours again.")
    visitor.fill("Name", "Mira")
    visitor.fill("Password", PASSWORD)
    visitor.press("Sign up")
    visitor.reads("Hello, Mira")
    visitor.sign_out()


def both_go_on(visitor: Visitor) -> None:
    sign_in(visitor, OTHER_PASSWORD)
    visitor.reads("Hello, Maria")
    visitor.reads(f"{ADDRESS} belongs to somebody else")
    visitor.follow("Give us your own address")
    visitor.fill("E-mail", "maria@example.org")
    visitor.press("Save")
    visitor.reads("We sent a mail to maria@example.org.")
    visitor.go(link_to("maria@example.org"))
    visitor.press("Yes, use this address")
    visitor.reads("Your address is confirmed")
    visitor.follow("Go on")
    visitor.reads("Hello, Maria")
    assert visitor.page.get_by_text("belongs to somebody else").count() == 0
    visitor.sign_out()
    sign_in(visitor, PASSWORD)
    visitor.reads("Hello, Mira")


def test_the_owner_of_an_address_takes_it_back_and_both_go_on(visitor: Visitor, live_server: LiveServer) -> None:
    the_owner_takes_the_address_back(visitor)
    both_go_on(visitor)


def test_also_without_scripts(visitor_without_scripts: Visitor, live_server: LiveServer) -> None:
    the_owner_takes_the_address_back(visitor_without_scripts)
    both_go_on(visitor_without_scripts)
