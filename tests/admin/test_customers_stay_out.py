"""A customer who comes to the admin is told whose it is, and finds the way back and out."""

import pytest
from django.test import Client

from tests.admin.conftest import World
from tests.admin.pages import TAG
from tests.factories import PASSWORD, StaffFactory

PATHS = ["", "projections/customer/", "nothing/here/", "login/", "actions/freeze/00000000-0000-0000-0000-000000000001/"]


@pytest.mark.parametrize("path", PATHS)
def test_a_customer_is_told_that_this_is_for_staff(client: Client, world: World, path: str) -> None:
    client.force_login(world.ada)
    page = client.get(f"/admin/{path}", follow=True)
    text = TAG.sub(" ", page.content.decode())
    assert page.status_code == 403
    assert "This part is for staff" in text
    assert "Password" not in text
    assert b'action="/sign-out"' in page.content
    assert b'href="/"' in page.content
    for word in ("Suspend", "freeze", "Audit", "staff@"):
        assert word not in text, "nothing of the inside is told"


def test_nobody_becomes_staff_on_the_way(client: Client, world: World) -> None:
    staff = StaffFactory.create()
    client.force_login(world.ada)
    given = {"username": staff.email, "password": PASSWORD}
    assert client.post("/admin/login/", given).status_code == 403
    assert client.get("/admin/").status_code == 302


def test_strangers_are_asked_who_they_are(client: Client, db: None) -> None:
    page = client.get("/admin/", follow=True)
    assert page.status_code == 200
    assert b'name="password"' in page.content
