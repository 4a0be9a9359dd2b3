"""Sign-ins in the admin: to be looked at; a password is changed by its owner."""

from django.conf import LazySettings
from django.test import Client

from accounts.users.models import User
from tests.admin.conftest import World
from tests.admin.pages import keys_on, links_of, read
from tests.emails import confirm_email, release_email
from tests.factories import PASSWORD, NewcomerFactory, StaffFactory
from tests.mail.letters import NEW_PASSWORD, send_all

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
    elsewhere = Client()
    elsewhere.force_login(user)
    fields = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    page = client.post("/admin/password_change/", fields, follow=True)
    assert "Your password is changed." in page.content.decode()
    assert User.objects.get(pk=user.pk).check_password(NEW_PASSWORD)
    assert elsewhere.get("/admin/").status_code == 302
    assert send_all().sent == 1


def test_the_page_for_it_leads_where_all_pages_of_staff_lead(staff: Client) -> None:
    pages = [staff.get(path).content.decode() for path in ("/admin/", "/admin/password_change/")]
    assert all(f'href="{path}"' in page for page in pages for path in ("/security", "/admin/password_change/", "/"))


def test_wrong_old_passwords_of_staff_are_counted(client: Client, db: None, settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {"sign_in": "3/hour"}
    user = StaffFactory.create(role="support")
    client.force_login(user)
    fields = {"old_password": "wrong", "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    for _ in range(3):
        client.post("/admin/password_change/", fields)
    page = client.post("/admin/password_change/", {**fields, "old_password": PASSWORD})
    assert "There were too many attempts." in page.content.decode()
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_nobody_changes_that_of_another(client: Client, world: World) -> None:
    client.force_login(StaffFactory.create(role="superuser"))
    for method in (client.get, client.post):
        assert method(f"/admin/{USERS}{world.ada.pk}/password/", follow=True).status_code == 404


def test_says_whether_the_email_is_confirmed(staff: Client, world: World) -> None:
    newcomer = NewcomerFactory.create(email="new@example.org")
    path = f"{USERS}{newcomer.pk}/change/"
    assert "Address not confirmed" in read(staff, path)
    confirm_email(newcomer)
    assert "Address confirmed" in read(staff, path)


def test_shows_and_finds_an_address_that_was_given_back(staff: Client, world: World) -> None:
    newcomer = NewcomerFactory.create(email="new@example.org")
    release_email(newcomer)
    assert "given back to its owner: new@example.org" in read(staff, f"{USERS}{newcomer.pk}/change/")
    assert keys_on(staff, USERS, q="new@example.org") == [newcomer.pk]
