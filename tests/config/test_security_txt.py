"""Who finds a weakness finds whom to tell (RFC 9116), if the site names somebody."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from pytest_django.fixtures import Settings

from tests.config.test_settings import GOOD, read_settings

PATH = "/.well-known/security.txt"


@pytest.mark.django_db
def test_it_names_the_contact_and_expires(client: Client, settings: Settings) -> None:
    settings.SECURITY_CONTACT = "mailto:security@bank.example"
    answer = client.get(PATH)
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    expires = parse_datetime(fields.pop("Expires"))
    assert expires
    assert timezone.now() < expires < timezone.now() + timedelta(days=365)
    assert fields == {
        "Contact": "mailto:security@bank.example",
        "Preferred-Languages": "en, zh",
        "Canonical": f"http://testserver{PATH}",
    }
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.django_db
def test_without_a_contact_there_is_none(client: Client) -> None:
    assert client.get(PATH).status_code == 404


@pytest.mark.parametrize("contact", ["security@bank.example", "http://bank.example", "mailto:a@b\nExpires: never"])
def test_a_contact_is_an_address_that_others_can_follow(contact: str) -> None:
    assert "SECURITY_CONTACT must be" in read_settings(**GOOD, SECURITY_CONTACT=contact).stderr


def test_the_setting_is_read() -> None:
    found = read_settings("settings.SECURITY_CONTACT", **GOOD, SECURITY_CONTACT="https://bank.example/security")
    assert found.stdout.strip() == "https://bank.example/security"
