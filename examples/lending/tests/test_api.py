"""The library over HTTP."""

from base64 import b64encode
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from eventstore.execute import execute

from lending.commands import Buy, Join
from tests.examples import ANN, BOB, BOOK

pytestmark = pytest.mark.django_db

LOANS = f"/api/books/{BOOK}/loans"


@pytest.fixture(autouse=True)
def library() -> None:
    """One book, two readers."""
    execute(Buy(BOOK, "Middlemarch", "E 4"), uuid4(), actor="desk")
    execute(Join(ANN, "Ann"), uuid4(), actor="desk")
    execute(Join(BOB, "Bob"), uuid4(), actor="desk")


@pytest.fixture
def desk() -> Client:
    """A program that signs in."""
    User.objects.create_user("desk", password="secret")
    return Client(headers={"Authorization": f"Basic {b64encode(b'desk:secret').decode()}"})


def lend(client: Client, key: str, **body: Any) -> tuple[int, dict[str, Any]]:
    """The status and the body of the answer to a request to lend the book."""
    response = client.post(LOANS, body, "application/json", headers={"Idempotency-Key": key})
    return response.status_code, response.json()


def test_a_request_that_is_sent_again_gets_the_same_answer(desk: Client) -> None:
    status, lent = lend(desk, "1", reader_id=str(ANN))
    assert status == 201
    assert lent.keys() == {"command_id", "position", "cursor", "due"}
    assert lend(desk, "1", reader_id=str(ANN)) == (201, lent)


def test_a_refusal_has_a_code_and_its_status(desk: Client) -> None:
    lend(desk, "1", reader_id=str(ANN))
    status, refused = lend(desk, "2", reader_id=str(BOB))
    assert (status, refused) == (409, {"code": "BOOK_IS_OUT", "message": "This book is not on its shelf."})


def test_a_list_reflects_what_its_reader_has_done(desk: Client) -> None:
    _, lent = lend(desk, "1", reader_id=str(ANN))
    page = desk.get("/api/loans", {"min_position": lent["position"]}).json()
    assert page["results"] == [{"book_id": str(BOOK), "reader_id": str(ANN), "due": lent["due"]}]
    assert page["position"] >= lent["position"]


def test_strangers_are_sent_away(client: Client) -> None:
    status, body = lend(client, "1", reader_id=str(ANN))
    assert (status, body["code"]) == (401, "NOT_SIGNED_IN")


def test_it_describes_itself(desk: Client) -> None:
    schema = desk.get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    assert schema["paths"]["/api/books/{book_id}/loans"]["post"]["operationId"] == "lend_book"
