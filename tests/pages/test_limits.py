"""Limits of pages for anonymous visitors."""

import pytest
from django.test import Client

from accounts.users.models import User
from eventstore.http.throttles import FixedWindowThrottle
from tests.clock_fixtures import Clock
from tests.pages.browser import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rates(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FixedWindowThrottle, "THROTTLE_RATES", {"anon": "3/min", "user": "9/min"})


def test_a_visitor_may_ask_for_so_many_and_is_told_when_to_come_again(client: Client, clock: Clock) -> None:
    asked = [client.get(address) for address in ("/", "/sign-in", "/nothing/here", "/sign-up")]
    assert [page.status_code for page in asked] == [200, 200, 404, 429]
    assert "Please try again in 20 seconds." in text_of(asked[-1])
    assert (asked[-1]["Retry-After"], asked[-1]["Cache-Control"]) == ("20", "no-store")
    assert "default-src 'self'" in asked[-1]["Content-Security-Policy"]
    clock.seconds += 20
    assert client.get("/").status_code == 200


def test_it_is_one_count_with_the_api(client: Client) -> None:
    for _ in range(3):
        client.get("/api/v1/me")
    assert client.get("/").status_code == 429


def test_the_answer_is_in_the_readers_language(client: Client) -> None:
    for _ in range(3):
        client.get("/")
    page = client.get("/", HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert page.status_code == 429
    assert 'lang="zh-hans"' in text_of(page)


def test_reading_it_takes_no_database(client: Client, django_assert_num_queries: object) -> None:
    for _ in range(3):
        client.get("/")
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert client.get("/").status_code == 429


def test_each_address_is_counted_apart(client: Client) -> None:
    for _ in range(4):
        client.get("/", HTTP_X_FORWARDED_FOR="192.0.2.9")
    assert client.get("/").status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.7").get("/").status_code == 200


def test_a_session_that_is_none_counts_as_a_visitor(client: Client) -> None:
    client.cookies["sessionid"] = "x" * 32
    assert [client.get("/").status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize("address", ["/livez", "/readyz", "/healthz"])
def test_the_health_of_the_site_may_be_asked_for_at_will(
    client: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.health.problems", list)
    assert [client.get(address).status_code for _ in range(9)] == [200] * 9


def test_who_is_signed_in_is_not_counted(client: Client, ada: User) -> None:
    assert [client.get("/profile").status_code for _ in range(9)] == [200] * 9


def test_the_page_has_one_heading_and_one_main(client: Client) -> None:
    for _ in range(4):
        page = client.get("/")
    assert text_of(page).count("<h1") == text_of(page).count("<main") == 1
