"""The pages, and the admin."""

import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from eventstore.execute import execute
from eventstore.models import Command

from lending.commands import Buy
from lending.models import Loan, Member
from tests.examples import BOOK

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def book() -> None:
    execute(Buy(BOOK, "Middlemarch", "E 4"), uuid4(), actor="desk")


def send(client: Client, address: str, **fields: str) -> str:
    """Fill in a form, and send it twice, as an impatient hand does; the page that it leads to."""
    found = re.search(r'name="command_id" value="([^"]+)"', client.get(address).content.decode())
    assert found
    for _ in range(2):
        page = client.post(address, {"command_id": found[1], **fields}, follow=True).content.decode()
    return page


def test_a_reader_joins_borrows_and_returns(client: Client) -> None:
    send(client, "/join", name="Ann", card_number="A 1")
    ann = Member.objects.get()
    assert "is out until" in send(client, f"/books/{BOOK}/lend", reader_id=str(ann.pk))
    assert Loan.objects.get().reader_id == ann.pk
    assert "stands on shelf E 4" in send(client, f"/books/{BOOK}/return")
    assert Command.objects.count() == 4  # each was executed once


def test_a_refusal_is_said_at_its_field(client: Client) -> None:
    send(client, "/join", name="Ann", card_number="A 1")
    assert "This card belongs to another reader." in send(client, "/join", name="Bob", card_number="A 1")


def test_staff_see_the_log_and_the_read_models(client: Client) -> None:
    client.force_login(User.objects.create_superuser("staff"))
    for page in (
        "lending/loan",
        "eventstore/event",
        "eventstore/command",
        "eventstore/stream",
        "eventstore/projection",
    ):
        assert client.get(f"/admin/{page}/").status_code == 200
    page = client.get(f"/admin/eventstore/stream/{BOOK}/change/").content.decode()
    assert "eventstore/admin.css" in page
