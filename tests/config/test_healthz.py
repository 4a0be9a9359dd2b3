"""A machine can ask whether this process serves."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client, override_settings


@pytest.mark.django_db
def test_all_is_well(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_it_says_when_the_database_does_not_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", fail)
    assert client.get("/healthz").status_code == 503


@pytest.mark.django_db
@override_settings(SECURE_SSL_REDIRECT=True)
def test_it_answers_over_plain_http_too(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/sign-in").status_code == 301
