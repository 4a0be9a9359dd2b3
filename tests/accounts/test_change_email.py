"""Having another e-mail: it is asked for, proven by a link that is mailed there, and counts from then on."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from accounts.domain.commands import ChangeEmail
from accounts.domain.events import CustomerDetailsUpdated
from accounts.services import emails
from accounts.services.details import details_of
from accounts.services.ids import new_id
from accounts.services.registration import update_details
from accounts.services.use_cases import send_command
from accounts.users import email_links
from accounts.users.email_links import Purpose, State, make_link, read_link
from accounts.users.models import User
from eventstore import log
from eventstore.execute import Receipt
from eventstore.models import Command, Event
from eventstore.testing import given
from projections.models import Customer
from tests.accounts.examples import ADA, ADA_ERASED, ADA_REGISTERED, ADA_SUSPENDED
from tests.emails import mails_to
from tests.factories import PASSWORD, ErasureFactory, NewcomerFactory, StaffFactory, SuspensionFactory

OLD, NEW = "ada@example.org", "ada@example.com"
CHANGE = ChangeEmail(ADA, NEW)


def test_changes_the_email_alone() -> None:
    given(ADA_REGISTERED).when(CHANGE).then(CustomerDetailsUpdated(ADA, email=NEW))


def test_answers_nothing_personal() -> None:
    given(ADA_REGISTERED).when(CHANGE).answers(customer_id=str(ADA))


def test_refuses_somebody_who_is_no_customer() -> None:
    given().when(CHANGE).refused("CUSTOMER_NOT_FOUND", field="customer_id")
    given(ADA_REGISTERED, ADA_ERASED).when(CHANGE).refused("CUSTOMER_NOT_FOUND", field="customer_id")


def test_refuses_the_suspended() -> None:
    given(ADA_REGISTERED, ADA_SUSPENDED).when(CHANGE).refused("CUSTOMER_SUSPENDED")


@pytest.fixture
def ada(db: None) -> User:
    return NewcomerFactory.create(email=OLD)


def ask(user: User, email: str) -> Receipt:
    assert user.customer_id
    receipt = update_details(user.customer_id, new_id(), actor=user.actor, email=email)
    user.refresh_from_db()
    return receipt


def link_of(user: User) -> str:
    return make_link(Purpose.CHANGE, user)


def confirm(secret: str) -> str | None:
    """Follow a link; the code of the refusal. A dead link is "dead"."""
    link = read_link(secret)
    if link is None or link.state is not State.OPEN:
        return "dead"
    refusal = emails.confirm(link)
    return refusal.code if refusal else None


def test_a_confirmed_email_counts_everywhere(ada: User) -> None:
    assert ask(ada, NEW).accepted
    assert Customer.objects.get().email == OLD
    assert confirm(link_of(ada)) is None
    ada.refresh_from_db()
    assert (ada.email, ada.new_email) == (NEW, "")
    assert ada.email_confirmed_at
    assert authenticate(username=NEW, password=PASSWORD) == ada
    assert authenticate(username=OLD, password=PASSWORD) is None
    assert ada.customer_id
    assert Customer.objects.get().email == details_of(ada.customer_id)["email"] == NEW
    assert Command.objects.latest("number").actor == ada.actor


def test_the_old_address_is_told_twice_and_the_new_one_gets_the_link(ada: User) -> None:
    ask(ada, NEW)
    assert (mails_to(OLD), mails_to(NEW)) == (["confirm_email", "email_change_asked"], ["confirm_new_email"])
    confirm(link_of(ada))
    assert mails_to(OLD) == ["confirm_email", "email_change_asked", "email_changed"]
    assert mails_to(NEW) == ["confirm_new_email"]


def test_a_link_works_once(ada: User) -> None:
    ask(ada, NEW)
    secret = link_of(ada)
    assert confirm(secret) is None
    found = read_link(secret)
    assert found
    assert (found.state, found.email) == (State.CONFIRMED, NEW)
    for email in ("elsewhere@example.org", NEW):
        ask(ada, email)
        confirm(link_of(ada))
    assert confirm(secret) == "dead", "asked for again, it takes the link of that time"


def test_a_link_dies_with_the_next_that_is_asked_for(ada: User) -> None:
    ask(ada, NEW)
    first = link_of(ada)
    ask(ada, "other@example.org")
    assert confirm(first) == "dead"
    ask(ada, NEW)
    assert confirm(first) == "dead"
    assert confirm(link_of(ada)) is None


def test_a_link_dies_when_the_present_address_is_kept(ada: User) -> None:
    ask(ada, NEW)
    secret = link_of(ada)
    ask(ada, OLD)
    assert confirm(secret) == "dead"


def test_a_link_dies_with_the_password(ada: User) -> None:
    ask(ada, NEW)
    secret = link_of(ada)
    ada.set_password("another long sentence")
    ada.save()
    assert confirm(secret) == "dead"


def test_a_link_dies_with_the_person(ada: User) -> None:
    ask(ada, NEW)
    secret = link_of(ada)
    ErasureFactory.create(customer=ada)
    assert confirm(secret) == "dead"
    assert mails_to(OLD) == mails_to(NEW) == []


def test_the_suspended_can_not_use_one(ada: User) -> None:
    ask(ada, NEW)
    secret = link_of(ada)
    SuspensionFactory.create(customer=ada)
    assert confirm(secret) == "CUSTOMER_SUSPENDED"
    ada.refresh_from_db()
    assert ada.email == OLD


def test_a_link_expires(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(ada, NEW)
    secret = link_of(ada)
    monkeypatch.setattr(email_links, "LIFETIME", timedelta(seconds=-1))
    assert confirm(secret) == "dead"


@pytest.mark.parametrize("change", [lambda secret: secret[:-1] + ("A" if secret[-1] != "A" else "B"), lambda _: "x:y"])
def test_a_link_can_not_be_forged(ada: User, change: object) -> None:
    ask(ada, NEW)
    assert callable(change)
    assert confirm(change(link_of(ada))) == "dead"


def test_a_link_of_one_kind_is_none_of_the_other(ada: User) -> None:
    """Who reads the old mailbox can't confirm the new address."""
    ask(ada, NEW)
    found = read_link(make_link(Purpose.OWN, ada))
    assert found
    assert (found.purpose, found.email) == (Purpose.OWN, OLD)


def test_an_address_that_is_asked_for_is_not_reserved(ada: User) -> None:
    ask(ada, NEW)
    other = NewcomerFactory.create(email=NEW)
    User.objects.filter(pk=other.pk).update(email_confirmed_at=timezone.now())
    assert confirm(link_of(ada)) == "EMAIL_TAKEN"
    ada.refresh_from_db()
    assert ada.email == OLD


def test_who_proves_it_gets_it_from_who_did_not(ada: User) -> None:
    """Else whoever hears of a change could prevent it, by registering first."""
    ask(ada, NEW)
    squatter = NewcomerFactory.create(email=NEW)
    assert confirm(link_of(ada)) is None
    ada.refresh_from_db()
    squatter.refresh_from_db()
    assert (ada.email, squatter.released_email) == (NEW, NEW)


def test_of_two_who_asked_for_it_the_first_to_confirm_has_it(ada: User) -> None:
    bob = NewcomerFactory.create()
    for user in (ada, bob):
        assert ask(user, NEW).accepted
    assert confirm(link_of(bob)) is None
    assert confirm(link_of(ada)) == "EMAIL_TAKEN"


def test_nobody_gets_an_address_that_they_did_not_ask_for(ada: User) -> None:
    assert ada.customer_id
    receipt = send_command(ChangeEmail(ada.customer_id, NEW), new_id(), actor=ada.actor)
    assert receipt.refusal
    assert receipt.refusal.code == "VERSION_CONFLICT"
    ada.refresh_from_db()
    assert ada.email == OLD


def test_staff_addresses_are_taken_too(ada: User) -> None:
    receipt = ask(ada, StaffFactory.create().email)
    assert receipt.refusal
    assert receipt.refusal.code == "EMAIL_TAKEN"


def test_an_old_event_still_counts(ada: User) -> None:
    """Before, the email of UpdateCustomerDetails counted at once: the log and its replays keep that."""
    assert ada.customer_id
    event = CustomerDetailsUpdated(ada.customer_id, name="Ada", email=NEW)
    log.append("customer", ada.customer_id, [event], actor=ada.actor)
    assert Customer.objects.get().email == NEW


def test_a_refused_wish_leaves_no_trace_but_its_refusal(ada: User) -> None:
    NewcomerFactory.create(email=NEW)
    events = Event.objects.count()
    receipt = ask(ada, NEW)
    assert receipt.refusal
    assert (ada.new_email, mails_to(OLD), Event.objects.count()) == ("", ["confirm_email"], events)
