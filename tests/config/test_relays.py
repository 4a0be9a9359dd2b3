"""The environment names the targets of `manage.py relay`; each has variables of its own."""

import pytest

from config.relays import relay_targets


def test_each_name_has_variables_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "RELAY_TARGETS": "bus,partner",
        "RELAY_BUS": "nats://127.0.0.1:4222,127.0.0.1:4223/TIDEMARK?replicas=3",
        "RELAY_PARTNER": "https://partner.example/events?a=b#c",
        "RELAY_PARTNER_SECRET": "whsec_x",
        "RELAY_PARTNER_PERSONAL": "1",
        "RELAY_PARTNER_TYPES": "account.opened,account.closed",
        "RELAY_PARTNER_START": "now",
    }.items():
        monkeypatch.setenv(name, value)
    assert relay_targets() == {
        "bus": {
            "url": "nats://127.0.0.1:4222,127.0.0.1:4223/TIDEMARK?replicas=3",
            "secret": "",
            "personal": False,
            "types": [],
            "start": "beginning",
        },
        "partner": {
            "url": "https://partner.example/events?a=b#c",
            "secret": "whsec_x",
            "personal": True,
            "types": ["account.opened", "account.closed"],
            "start": "now",
        },
    }


def test_without_names_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RELAY_TARGETS", raising=False)
    assert relay_targets() == {}
