"""An address belongs to one customer at a time, whoever confirms, registers and takes back at the same moment."""

from functools import partial

import pytest
from django.db import connection

from accounts.services import emails
from accounts.services.ids import new_id
from accounts.services.registration import register_customer, update_details
from accounts.users.email_links import EmailLink, Purpose, make_link, read_link
from accounts.users.models import User
from eventstore.decider import Refusal
from projections.models import Customer
from tests.factories import PASSWORD, NewcomerFactory
from tests.torture.races import DONE, code_of, race, rounds, while_uncommitted

pytestmark = pytest.mark.django_db(transaction=True)


def asking(email: str) -> User:
    """A customer who has asked for an address."""
    user = NewcomerFactory.create()
    assert user.customer_id
    assert update_details(user.customer_id, new_id(), actor=user.actor, email=email).accepted
    user.refresh_from_db()
    return user


def link_of(user: User, purpose: Purpose) -> EmailLink:
    link = read_link(make_link(purpose, user))
    assert link
    return link


def confirm(link: EmailLink) -> str:
    return code(emails.confirm(link))


def release(link: EmailLink) -> str:
    return code(emails.release(link))


def register(email: str) -> str:
    return code_of(register_customer(new_id(), name="Somebody", email=email, password=PASSWORD))


def code(refusal: Refusal | None) -> str:
    return refusal.code if refusal else DONE


def has_one_owner(email: str) -> User:
    (owner,) = User.objects.filter(email=email)
    assert list(Customer.objects.filter(email=email).values_list("customer_id", flat=True)) == [owner.customer_id]
    return owner


def test_of_many_who_confirm_one_address_at_once_one_has_it() -> None:
    for number, chance in enumerate(rounds()):
        email = f"wanted{number}@example.org"
        links = [link_of(asking(email), Purpose.CHANGE) for _ in range(4)]
        came = race([partial(confirm, link) for link in links], chance)
        assert sorted(came) == ["EMAIL_TAKEN"] * 3 + [DONE]
        assert has_one_owner(email) == links[came.index(DONE)].user


def test_one_link_that_is_followed_twice_at_once_counts_once() -> None:
    for number, chance in enumerate(rounds()):
        email = f"wanted{number}@example.org"
        link = link_of(asking(email), Purpose.CHANGE)
        assert sorted(race([partial(confirm, link)] * 2, chance)) == ["VERSION_CONFLICT", DONE]
        assert has_one_owner(email) == link.user


def test_confirmed_while_it_is_given_back_one_of_them_wins() -> None:
    for number, chance in enumerate(rounds()):
        user = NewcomerFactory.create(email=f"both{number}@example.org")
        link = link_of(user, Purpose.OWN)
        _, given_back = race([partial(confirm, link), partial(release, link)], chance)
        user.refresh_from_db()
        confirmed, released = bool(user.email_confirmed_at), bool(user.released_email)
        assert confirmed != released
        assert given_back == (DONE if released else "EMAIL_TAKEN")


def test_given_back_twice_at_once_is_given_back_once() -> None:
    for number, chance in enumerate(rounds()):
        user = NewcomerFactory.create(email=f"twice{number}@example.org")
        link = link_of(user, Purpose.OWN)
        assert sorted(race([partial(release, link)] * 2, chance)) == [DONE, "EMAIL_TAKEN"][::-1]
        user.refresh_from_db()
        assert user.released_email == link.email


def test_registered_while_it_is_confirmed_it_has_one_owner() -> None:
    for number, chance in enumerate(rounds()):
        email = f"wanted{number}@example.org"
        link = link_of(asking(email), Purpose.CHANGE)
        confirmed, registered = race([partial(confirm, link), partial(register, email)], chance)
        assert (confirmed, registered) in {(DONE, "EMAIL_TAKEN"), (DONE, DONE), ("EMAIL_TAKEN", DONE)}
        owner = has_one_owner(email)
        assert (owner == link.user) == (confirmed == DONE), "who proves it has it"


def test_registered_while_it_is_given_back_it_has_at_most_one_owner() -> None:
    for number, chance in enumerate(rounds()):
        email = f"free{number}@example.org"
        user = NewcomerFactory.create(email=email)
        link = link_of(user, Purpose.OWN)
        given_back, registered = race([partial(release, link), partial(register, email)], chance)
        assert given_back == DONE
        assert User.objects.filter(email=email).count() == (registered == DONE)


def test_who_registers_while_a_confirmation_is_not_committed_waits_and_is_refused() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    link = link_of(asking("wanted@example.org"), Purpose.CHANGE)
    came = while_uncommitted(partial(confirm, link), partial(register, "wanted@example.org"))
    assert came == (DONE, "EMAIL_TAKEN")
    assert has_one_owner("wanted@example.org") == link.user
