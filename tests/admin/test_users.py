"""Sign-ins in the admin: to be looked at; a password is changed by its owner."""

from django.test import Client

from accounts.users.models import User
from tests.admin.conftest import World
from tests.admin.pages import keys_on, links_of, read
from tests.factories import PASSWORD, StaffFactory

USERS = "accounts/user/"


def test_tells_staff_from_customers(staff: Client, world: World) -> None:
    assert world.ada.pk in keys_on(staff, USERS, kind="customers")
    assert world.ada.pk not in keys_on(staff, USERS, kind="staff")


def test_shows_the_role(staff: Client) -> None:
    operator = StaffFactory.create(role="operator")
    text = read(staff, f"{USERS}{operator.pk}/change/")
    assert "Kind staff Role operator" in text


def test_finds_by_whole_address_or_customer(staff: Client, world: World) -> None:
    assert keys_on(staff, USERS, q="ADA@example.org") == [world.ada.pk]
    assert keys_on(staff, USERS, q=world.ada.customer_id) == [world.ada.pk]
    assert keys_on(staff, USERS, q="ada") == []


def test_leads_to_what_somebody_asked_for(staff: Client, world: World) -> None:
    links = links_of(staff, f"{USERS}{world.ada.pk}/change/")
    assert any("eventstore/command/?q=customer" in link for link in links)


def test_never_shows_a_password(staff: Client, world: World) -> None:
    assert world.ada.password not in staff.get(f"/admin/{USERS}{world.ada.pk}/change/").content.decode()


def test_staff_change_their_own_password(client: Client, db: None) -> None:
    user = StaffFactory.create(role="support")
    client.force_login(user)
    new = "the tide is high tonight"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", fields).status_code == 302
    assert User.objects.get(pk=user.pk).check_password(new)


def test_nobody_changes_that_of_another(client: Client, world: World) -> None:
    client.force_login(StaffFactory.create(role="superuser"))
    for method in (client.get, client.post):
        assert method(f"/admin/{USERS}{world.ada.pk}/password/", follow=True).status_code == 404
