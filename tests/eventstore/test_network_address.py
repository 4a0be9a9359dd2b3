"""The network address of a caller."""

import pytest
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from eventstore.http.addresses import network_address


def address_of(peer: str, forwarded: str | None = None) -> str:
    request = RequestFactory().get("/", REMOTE_ADDR=peer)
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return network_address(request)


@pytest.mark.parametrize(
    ("peer", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:DB8:0:0:ffff:ffff:ffff:ffff", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),  # a socket of this machine has none
    ],
)
def test_is_counted_in_one_spelling_and_by_what_one_person_has(peer: str, counted: str) -> None:
    assert address_of(peer) == counted


@pytest.mark.parametrize("forwarded", ["10.0.0.1", "10.0.0.1, 10.0.0.2", "nonsense", ""])
def test_is_the_peers_where_no_proxy_is_trusted(settings: Settings, forwarded: str) -> None:
    for none in (0, None):
        settings.REST_FRAMEWORK = {"NUM_PROXIES": none}
        assert address_of("192.0.2.1", forwarded) == "192.0.2.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "forged, 198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "forged, 198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "203.0.113.9"),
        (1, " 203.0.113.9:4711 ", "203.0.113.9"),
        (1, "[2001:db8::1]:443", "2001:db8::/64"),
        (1, "2001:db8::1", "2001:db8::/64"),
        (1, "unknown", "192.0.2.1"),
        (1, "203.0.113.9,", "192.0.2.1"),
        (1, "x" * 100_000, "192.0.2.1"),
    ],
)
def test_is_what_the_outermost_trusted_proxy_wrote(
    settings: Settings, proxies: int, forwarded: str, counted: str
) -> None:
    settings.REST_FRAMEWORK = {"NUM_PROXIES": proxies}
    assert address_of("192.0.2.1", forwarded) == counted
