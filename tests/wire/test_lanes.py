"""Whatever hashes a password has its lane: an address that is missing in `config.lanes.PASSWORDS` is found here."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher

from accounts.users.models import User
from config.lanes import PASSWORDS
from tests.authorization.bodies import PERSON
from tests.authorization.world import World
from tests.wire.sending import sendings

DOORS = {"/sign-in", "/sign-up", "/admin/login/", "/api/v1/token", "/api/v1/customers"}


def test_each_address_that_hashes_a_password_has_its_lane(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        hashes.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    found = set()
    for sending in sendings(world):
        # a registration that is refused hashes nothing
        User.objects.filter(email=PERSON["email"]).update(email=f"{uuid4()}@example.org")
        hashes.clear()
        sending.sent(world)
        if hashes:
            found.add(sending.address)
    assert found >= DOORS
    assert [address for address in found if not PASSWORDS.search(address)] == []
