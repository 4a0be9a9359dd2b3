"""Taking back an address with which somebody else has registered: they go on, but not with it."""

from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.test import Client

from accounts.domain.commands import ReleaseEmail
from accounts.domain.events import CustomerEmailReleased
from accounts.services import emails
from accounts.services.details import details_of
from accounts.services.ids import new_id
from accounts.services.registration import register_customer, update_details
from accounts.services.use_cases import send_command
from accounts.users import backends
from accounts.users.email_links import EmailLink, Purpose, State, make_link, read_link
from accounts.users.models import User
from eventstore.models import Event
from eventstore.testing import given
from projections.models import Customer
from projections.queries import customers
from tests.accounts.examples import ADA, ADA_ERASED, ADA_REGISTERED, ADA_SUSPENDED
from tests.emails import change_email, confirm_email, mails_to, release_email
from tests.factories import PASSWORD, ErasureFactory, NewcomerFactory, StaffFactory, SuspensionFactory

ADDRESS = "ada@example.org"
OTHER_PASSWORD = "another long sentence"
RELEASE = ReleaseEmail(ADA, ADDRESS)
RELEASED = CustomerEmailReleased(ADA)


def test_says_that_the_customer_has_no_email_any_more() -> None:
    given(ADA_REGISTERED).when(RELEASE).then(RELEASED).answers(customer_id=str(ADA))


def test_the_suspended_keep_what_is_not_theirs_no_longer_than_others() -> None:
    given(ADA_REGISTERED, ADA_SUSPENDED).when(RELEASE).then(RELEASED)


def test_refuses_somebody_who_is_no_customer() -> None:
    given().when(RELEASE).refused("CUSTOMER_NOT_FOUND", field="customer_id")
    given(ADA_REGISTERED, ADA_ERASED).when(RELEASE).refused("CUSTOMER_NOT_FOUND", field="customer_id")


@pytest.fixture
def squatter(db: None) -> User:
    """Who registered with Ada's address."""
    return NewcomerFactory.create(name="Squatter", email=ADDRESS, password=OTHER_PASSWORD)


def link_of(user: User) -> EmailLink:
    link = read_link(make_link(Purpose.OWN, user))
    assert link
    return link


def sign_in(password: str) -> Any:
    return authenticate(username=ADDRESS, password=password)


def test_nothing_shows_the_address_any_more(squatter: User) -> None:
    release_email(squatter)
    assert squatter.customer_id
    assert squatter.email == f"released-{squatter.customer_id}@invalid"
    assert Customer.objects.get().email is None
    assert "email" not in details_of(squatter.customer_id)
    assert customers("ada@", before=None, limit=10).rows == []
    assert Event.objects.latest("position").data == {"customer_id": str(squatter.customer_id)}


def test_both_sign_in_with_it_each_by_their_own_password(squatter: User) -> None:
    release_email(squatter)
    ada = NewcomerFactory.create(email=ADDRESS)
    assert sign_in(PASSWORD) == ada
    assert sign_in(OTHER_PASSWORD) == squatter
    assert sign_in("neither of them") is None


def test_the_owner_comes_first_where_both_have_one_password(squatter: User) -> None:
    release_email(squatter)
    ada = NewcomerFactory.create(email=ADDRESS, password=OTHER_PASSWORD)
    assert sign_in(OTHER_PASSWORD) == ada


def test_a_no_takes_the_same_work_whoever_has_or_had_the_address(
    squatter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def check(_: User, password: str) -> bool:
        hashed.append(password)
        return False

    monkeypatch.setattr(User, "check_password", check)
    monkeypatch.setattr(backends, "make_password", hashed.append)

    def work(email: str) -> int:
        hashed.clear()
        assert authenticate(username=email, password="wrong") is None
        return len(hashed)

    nobodys, one = work("nobody@example.org"), work(ADDRESS)
    release_email(squatter)
    had = work(ADDRESS)
    NewcomerFactory.create(email=ADDRESS)
    assert nobodys == one == had == work(ADDRESS) == 2


def test_the_empty_address_is_nobodys(squatter: User) -> None:
    assert authenticate(username="", password=OTHER_PASSWORD) is None


def test_who_lost_it_stays_signed_in_and_may_give_another(squatter: User) -> None:
    browser = Client()
    browser.force_login(squatter)
    release_email(squatter)
    assert "ada@example.org belongs to somebody else" in browser.get("/").content.decode()
    assert squatter.customer_id
    assert update_details(squatter.customer_id, "1", actor=squatter.actor, email="s@example.org").accepted
    change_email(squatter)
    assert squatter.released_email == ""
    assert "belongs to somebody else" not in browser.get("/").content.decode()
    assert authenticate(username="s@example.org", password=OTHER_PASSWORD) == squatter
    assert sign_in(OTHER_PASSWORD) is None
    assert mails_to(f"released-{squatter.customer_id}@invalid") == [], "no mail goes where there is no mailbox"


def test_what_was_asked_for_before_can_still_be_confirmed(squatter: User) -> None:
    """Who has noticed a mistyped address, and corrected it, is not thrown back."""
    assert squatter.customer_id
    update_details(squatter.customer_id, "1", actor=squatter.actor, email="s@example.org")
    squatter.refresh_from_db()
    secret = make_link(Purpose.CHANGE, squatter)
    release_email(squatter)
    link = read_link(secret)
    assert link
    assert emails.confirm(link) is None


def test_a_confirmed_address_is_not_given_back(squatter: User) -> None:
    link = link_of(squatter)
    confirm_email(squatter)
    refusal = emails.release(link)
    assert refusal
    assert refusal.code == "EMAIL_TAKEN"
    squatter.refresh_from_db()
    assert squatter.email == ADDRESS
    assert not Event.objects.filter(type="customer.email_released").exists()


def test_an_address_that_was_given_back_is_not_confirmed(squatter: User) -> None:
    link = link_of(squatter)
    release_email(squatter)
    emails.confirm(link)
    squatter.refresh_from_db()
    assert squatter.email_confirmed_at is None


def test_nothing_that_the_other_does_kills_the_owners_link(squatter: User) -> None:
    secret = make_link(Purpose.OWN, squatter)
    squatter.set_password("yet another sentence")
    squatter.save()
    assert squatter.customer_id
    update_details(squatter.customer_id, "1", actor=squatter.actor, email="s@example.org", name="Other")
    link = read_link(secret)
    assert link
    assert link.state is State.OPEN
    assert emails.release(link) is None


def test_a_used_link_says_what_became_of_it(squatter: User) -> None:
    secret = make_link(Purpose.OWN, squatter)
    assert emails.state_of(secret) is State.OPEN
    release_email(squatter)
    assert emails.state_of(secret) is State.RELEASED
    NewcomerFactory.create(email=ADDRESS)
    assert emails.state_of(secret) is State.RELEASED


def test_also_of_a_suspended_customer(squatter: User) -> None:
    SuspensionFactory.create(customer=squatter)
    release_email(squatter)
    assert squatter.released_email == ADDRESS


def test_staff_and_confirmed_customers_never_lose_theirs(squatter: User) -> None:
    staff = StaffFactory.create(email="staff@example.org")
    confirm_email(squatter)
    for user in (staff, squatter):
        emails.release_unconfirmed(user.email)
        before = user.email
        user.refresh_from_db()
        assert user.email == before


def test_a_proven_address_is_registered_as_confirmed_and_asks_for_nothing(squatter: User) -> None:
    emails.release_unconfirmed(ADDRESS)
    details = {"name": "Ada", "email": ADDRESS, "password": PASSWORD}
    assert register_customer("1", **details, proven=True).accepted
    ada = User.objects.get(email=ADDRESS)
    assert ada.email_confirmed_at
    assert mails_to(ADDRESS) == ["confirm_email"], "the squatter's"


def test_erasing_leaves_nothing_of_it(squatter: User) -> None:
    release_email(squatter)
    ErasureFactory.create(customer=squatter)
    squatter.refresh_from_db()
    assert (squatter.released_email, squatter.new_email, mails_to(ADDRESS)) == ("", "", [])
    assert sign_in(OTHER_PASSWORD) is None


def test_the_command_takes_no_address_but_the_one_that_it_names(squatter: User) -> None:
    assert squatter.customer_id
    receipt = send_command(ReleaseEmail(squatter.customer_id, "x@example.org"), new_id(), actor="anonymous:1")
    assert receipt.refusal
    squatter.refresh_from_db()
    assert squatter.email == ADDRESS
