"""Parked streams in the admin: what failed and why is seen by all staff, and handled by operators."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.users.models import User
from accounts.users.roles import Role
from eventstore import log
from eventstore.admin import parked_operations
from eventstore.models import Event, Parked
from eventstore.projecting import skips
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.parking import parking
from eventstore.projecting.runner.runner import Runner
from projections.models import JournalLeg
from tests.admin.conftest import World
from tests.admin.pages import ADMIN, TAG, keys_on, links_of, read
from tests.factories import DepositFactory, StaffFactory

PARKED: Final = "eventstore/parked/"
RETRY: Final = f"{ADMIN}{PARKED}retry/"

Mend = Callable[..., None]


@pytest.fixture
def mend(world: World, monkeypatch: pytest.MonkeyPatch) -> Mend:
    """Deploys a projector of legs that minds only certain amounts."""
    legs = projections["journal_legs"]

    def deploy(*unlucky: int) -> None:
        def mended(event: Any, record: Any) -> Iterator[JournalLeg]:
            if event.amount in unlucky:
                raise ArithmeticError("ada@example.org is unlucky")
            yield from legs.function(event, record)

        monkeypatch.setitem(projections, "journal_legs", replace(legs, function=mended))

    return deploy


@pytest.fixture
def parked(world: World, mend: Mend) -> Parked:
    """Ada's deposit can't be digested, and her transfer waits behind it. It waits for a person."""
    mend(10_000)
    Runner().catch_up()
    Parked.objects.update(retry_at=None, attempts=6)
    return Parked.objects.get()


@pytest.fixture
def operator(db: None, client: Client) -> Client:
    client.force_login(StaffFactory.create(role=Role.OPERATOR))
    return client


def page_of(parked: Parked) -> str:
    return f"{PARKED}{parked.pk}/change/"


def skip_of(parked: Parked) -> str:
    return f"{ADMIN}{PARKED}{parked.pk}/skip/"


def told(client: Client, address: str, fields: dict[str, Any]) -> str:
    """What is said on the page that comes after a POST."""
    page = client.post(address, fields, follow=True)
    assert page.status_code == 200
    return " ".join(TAG.sub(" ", page.content.decode()).split())


# What is shown


def test_the_list_tells_what_failed_and_why(staff: Client, parked: Parked) -> None:
    text = read(staff, PARKED)
    stream = f"Savings, Ada Lovelace account …{str(parked.stream_id)[-8:]}"
    assert f"journal_legs {stream} {parked.position} account.money_deposited" in text
    assert "money_deposited waits for a person" in text
    assert "6 ArithmeticError: ada@example.org is unlucky" in text
    links = links_of(staff, PARKED)
    assert f"/admin/eventstore/event/{parked.position}/change/" in links
    assert f"/admin/eventstore/stream/{parked.stream_id}/change/" in links
    assert f"/admin/{page_of(parked)}" in links


def test_the_list_can_be_narrowed_and_searched(staff: Client, parked: Parked) -> None:
    assert keys_on(staff, PARKED, projection="journal_legs") == [parked.pk]
    assert keys_on(staff, PARKED, by="person") == [parked.pk]
    assert keys_on(staff, PARKED, by="itself") == []
    assert keys_on(staff, PARKED, q=parked.stream_id) == [parked.pk]
    assert keys_on(staff, PARKED, q=parked.position) == [parked.pk]
    assert keys_on(staff, PARKED, q="nonsense") == []


def test_its_page_shows_the_error_and_the_event_as_it_is_stored(staff: Client, parked: Parked) -> None:
    text = read(staff, page_of(parked))
    event = Event.objects.get(position=parked.position)
    assert f"Event {parked.position} (account.money_deposited) failed 6 times. It is not tried again by itself" in text
    assert "ArithmeticError: ada@example.org is unlucky tests.admin.test_parked, line" in text
    assert f"entry_id {event.data['entry_id']}" in text
    assert "Waits behind it 1 " in text


def test_the_message_of_an_error_is_for_those_who_may_see_personal_data(
    client: Client, newcomer: User, parked: Parked
) -> None:
    newcomer.user_permissions.set(Permission.objects.filter(codename="view_parked"))
    client.force_login(newcomer)
    for page in (PARKED, page_of(parked)):
        text = read(client, page)
        assert "ArithmeticError" in text
        assert "ada@example.org" not in text
        assert "as it is stored" not in text, "nor is the event for those who may not see events"


def test_an_error_whose_words_were_erased_says_so(staff: Client, parked: Parked) -> None:
    Parked.forget_errors()
    assert "A person was erased since" in read(staff, page_of(parked))
    assert " 6 erased" in read(staff, PARKED)


def test_what_the_code_does_not_declare_any_more_can_only_be_looked_at(
    operator: Client, parked: Parked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(projections, "journal_legs")
    text = read(operator, page_of(parked))
    assert "The code does not declare this projection any more." in text
    assert "Try again" not in text
    assert "1 stream failed again" in told(operator, RETRY, {"which": "all"})
    assert "It is not parked any more" in told(operator, skip_of(parked), {"reason": "why"})


def test_the_front_page_leads_there(staff: Client, parked: Parked) -> None:
    assert "1 stream of journal_legs is parked, and waits for a person." in read(staff, "")
    assert f"/admin/{PARKED}?projection=journal_legs" in links_of(staff, "")
    assert "Parked streams 1 1 waits for a person" in read(staff, "eventstore/projection/journal_legs/change/")


# Who may do something about it


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SUPPORT, Role.APPROVER])
def test_who_may_only_look_finds_no_button_and_is_refused(client: Client, parked: Parked, role: Role) -> None:
    client.force_login(StaffFactory.create(role=role))
    for page in (PARKED, page_of(parked)):
        shown = client.get(ADMIN + page).content.decode()
        assert 'class="staff-action' not in shown
        assert 'type="checkbox"' not in shown
    assert client.post(RETRY, {"which": "all"}).status_code == 403
    assert client.post(skip_of(parked), {"position": parked.position, "reason": "why"}).status_code == 403
    assert Parked.objects.get().attempts == 6


@pytest.mark.parametrize("role", [Role.OPERATOR, "superuser"])
def test_operators_find_the_buttons(client: Client, parked: Parked, role: str) -> None:
    client.force_login(StaffFactory.create(role=role))
    assert "Try all again" in read(client, PARKED)
    assert "Skip this event" in read(client, page_of(parked))


def test_customers_are_asked_to_sign_in_as_somebody_else(client: Client, world: World, parked: Parked) -> None:
    client.force_login(world.ada)
    for address in (RETRY, skip_of(parked)):
        assert client.post(address).headers["Location"].startswith("/admin/login/")


def test_a_form_from_another_site_is_refused(parked: Parked) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(StaffFactory.create(role=Role.OPERATOR))
    for address in (RETRY, skip_of(parked)):
        assert strict.post(address, {"which": "all", "reason": "why"}).status_code == 403


def test_following_a_link_does_nothing(operator: Client, parked: Parked) -> None:
    assert "Nothing was chosen" not in operator.get(RETRY, {"which": "all"}, follow=True).content.decode()
    page = operator.get(skip_of(parked), {"reason": "why"})
    assert page.context["form"].initial == {"position": parked.position}
    assert Parked.objects.get().attempts == 6


# Trying again


def test_a_mended_stream_goes_on(operator: Client, parked: Parked, mend: Mend) -> None:
    mend()
    assert "1 stream goes on." in told(operator, RETRY, {"parked": parked.pk})
    assert not Parked.objects.exists()
    assert JournalLeg.objects.count() == 4


def test_one_that_fails_again_stays(operator: Client, parked: Parked) -> None:
    assert "1 stream failed again and stays parked." in told(operator, RETRY, {"parked": parked.pk})
    assert Parked.objects.get().attempts == 7


def test_only_what_was_chosen_is_tried(operator: Client, world: World, mend: Mend) -> None:
    DepositFactory.create(account=world.bobs, amount=7)
    mend(7, 10_000)
    Runner().catch_up()
    bobs = Parked.objects.get(stream_id=world.bobs.account_id)
    mend()
    assert "1 stream goes on." in told(operator, RETRY, {"which": "chosen", "parked": [bobs.pk]})
    assert list(Parked.objects.values_list("stream_id", flat=True)) == [world.adas.account_id]


def test_all_are_tried_or_those_of_one_projection(operator: Client, world: World, mend: Mend) -> None:
    DepositFactory.create(account=world.bobs, amount=7)
    mend(7, 10_000)
    Runner().catch_up()
    mend()
    assert "Nothing was chosen" in told(operator, RETRY, {"which": "all", "projection": "another"})
    assert "Try all of journal_legs again" in read(operator, PARKED, projection="journal_legs")
    assert "2 streams go on." in told(operator, RETRY, {"which": "all", "projection": "journal_legs"})


@pytest.mark.parametrize("keys", [[], ["nonsense"], ["9" * 30], ["0"]])
def test_nothing_that_is_there_is_nothing_done(operator: Client, parked: Parked, keys: list[str]) -> None:
    assert "Nothing was chosen" in told(operator, RETRY, {"which": "chosen", "parked": keys})
    assert Parked.objects.get().attempts == 6


def test_what_there_was_no_time_for_is_told(operator: Client, parked: Parked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parked_operations, "MAX_SECONDS", 0.0)
    assert "There was no time for 1 stream" in told(operator, RETRY, {"which": "all"})
    assert Parked.objects.get().attempts == 6


# Skipping


def test_a_skip_is_recorded_with_who_and_why(operator: Client, parked: Parked) -> None:
    fields = {"position": parked.position, "reason": " Booked by hand. "}
    assert f"Event {parked.position} is skipped." in told(operator, skip_of(parked), fields)
    assert not Parked.objects.exists()
    assert JournalLeg.objects.count() == 2
    (record,) = log.read_stream(skips.stream_of("journal_legs"))
    assert (record.event.position, record.event.reason) == (parked.position, "Booked by hand.")
    assert record.metadata["actor"] == f"staff:{operator.session['_auth_user_id']}"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\0b", "\u200b", "a\u202eb"])
def test_without_a_reason_nothing_is_skipped_and_the_page_asks_for_it(
    operator: Client, parked: Parked, reason: str
) -> None:
    page = operator.post(skip_of(parked), {"position": parked.position, "reason": reason})
    assert page.status_code == 200
    assert page.context["form"].errors["reason"]
    assert Parked.objects.exists()


def test_a_skip_of_what_was_not_looked_at_is_refused(operator: Client, parked: Parked) -> None:
    text = told(operator, skip_of(parked), {"position": parked.position - 1, "reason": "why"})
    assert f"The stream is not parked with event {parked.position - 1} any more." in text
    assert Parked.objects.get().position == parked.position
    assert not list(log.read_stream(skips.stream_of("journal_legs")))


def test_a_skip_that_leads_to_the_next_failure_says_so(operator: Client, parked: Parked, mend: Mend) -> None:
    mend(10_000, 2_500)
    text = told(operator, skip_of(parked), {"position": parked.position, "reason": "why"})
    later = Parked.objects.get().position
    assert later > parked.position
    assert f"Event {parked.position} is skipped." in text
    assert f"Event {later} (account.transfer_sent) failed 1 time. It is tried again by itself." in text


def test_what_has_gone_on_meanwhile_is_not_skipped(operator: Client, parked: Parked, mend: Mend) -> None:
    mend()
    parking.retry(parked)
    text = told(operator, skip_of(parked), {"position": parked.position, "reason": "why"})
    assert "It is not parked any more, so nothing was skipped." in text
