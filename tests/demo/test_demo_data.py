"""`manage.py demo_data`: a world that is made once, of commands alone, and can be made piece by piece."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db.models import QuerySet, Sum
from django.test import override_settings
from django.utils import timezone

from accounts.domain.commands import RenameAccount
from accounts.services.registration import register_customer
from accounts.services.rights_check import rights_as_recorded
from accounts.users.models import User
from accounts.users.roles import roles_of
from demo import importer
from demo.history import planned
from demo.people import cast, customers_of
from demo.sign_ins import STAFF, demo_password, ensure_staff
from demo.world import DAYS
from eventstore.execute import execute
from eventstore.models import Command, Event
from projections.models import JournalLeg
from tests.demo.worlds import SMALL, WHOLE, make


def contents() -> tuple[list[Any], list[Any]]:
    """All that the stores hold, but for what is drawn anew each time."""
    events = Event.objects.order_by("position").values_list("stream_id", "version", "type", "recorded_at")
    commands = Command.objects.order_by("number").values_list("command_id", "type", "accepted", "response")
    return list(events), list(commands)


def imported_events() -> "QuerySet[Event]":
    """The events of the history, without the rights that staff get after it."""
    return Event.objects.exclude(category="staff").order_by("position")


def imported_commands() -> "QuerySet[Command]":
    return Command.objects.exclude(type="staff.set_rights").order_by("number")


# The world ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_makes_a_world_of_commands_alone() -> None:
    assert "Made a demo world: 4 customers, 120 events" in make()
    events = list(imported_events())
    commands = {command.command_id: command for command in imported_commands()}
    assert len(events) == 120
    assert {UUID(event.metadata["command_id"]) for event in events} == {
        command_id for command_id, command in commands.items() if command.accepted
    }
    assert all(event.metadata["imported"] is True for event in events)


@pytest.mark.django_db
def test_the_past_is_recorded_when_it_was() -> None:
    make()
    times = list(imported_events().values_list("recorded_at", flat=True))
    assert times == sorted(times)
    today = timezone.now().date()
    assert (today - times[0].date()).days == DAYS
    assert (today - times[-1].date()).days == 1


@pytest.mark.django_db
def test_refusals_are_remembered() -> None:
    make(customers=2, events=400)
    refused = Command.objects.filter(accepted=False).values_list("response", flat=True)
    world = importer.find_task(timezone.now()).world
    expected = sorted(step.refusal for _, step in planned(world, ensure_staff()) if step.refusal)
    assert sorted(response["code"] for response in refused) == expected
    assert "INSUFFICIENT_FUNDS" in expected


@pytest.mark.django_db
def test_read_models_have_caught_up_and_balance() -> None:
    make()
    sums = JournalLeg.objects.values("currency").annotate(sum=Sum("amount"))
    assert len(sums) > 1
    assert {row["sum"] for row in sums} == {0}


@pytest.mark.django_db
def test_again_it_changes_nothing() -> None:
    first = make()
    before = contents()
    again = make()
    assert contents() == before
    assert "there already: 4 customers, 120 events" in again
    assert again.partition("Sign in")[2] == first.partition("Sign in")[2]


@pytest.mark.django_db
def test_a_world_in_use_is_left_alone() -> None:
    make()
    rename_by_ada()
    before = contents()
    assert "there already" in make(customers=None, events=None)
    assert contents() == before


def rename_by_ada() -> None:
    """Something that happens now."""
    ada = next(customers_of(importer.find_task(timezone.now()).world))
    execute(RenameAccount(ada.everyday.account_id, ada.customer_id, "Bills"), "live", actor=ada.actor)


# Interrupted --------------------------------------------------------------------------------------


class Interrupted:
    """Stands for tqdm, and for Ctrl-C after some transactions."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, *args: Any, **kwargs: Any) -> "Interrupted":
        return self

    def __enter__(self) -> "Interrupted":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def update(self, events: int) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A world of which three transactions were made."""
    with monkeypatch.context() as patch:
        patch.setattr(importer, "BATCH", 10)
        patch.setattr("demo.management.commands.demo_data.tqdm", Interrupted(after=3))
        with pytest.raises(CommandError, match="The same command completes the world") as stopped:
            make()
    assert stopped.value.returncode == 130


@pytest.mark.django_db
def test_an_interrupted_world_is_completed(interrupted: None) -> None:
    assert Command.objects.count() == 30
    whole = [key for key, _ in planned(importer.find_task(timezone.now()).world, ensure_staff())]
    assert "Completed the demo world" in make()
    assert list(imported_commands().values_list("key", flat=True)) == whole
    assert imported_events().count() == SMALL["events"]


@pytest.mark.django_db
@pytest.mark.parametrize("transactions", [1, 2, 3])
def test_it_is_completed_wherever_it_was_interrupted(transactions: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the midst of stories: of holds that are open, and requests that are not decided."""
    with monkeypatch.context() as patch:
        patch.setattr(importer, "BATCH", 75)
        patch.setattr("demo.management.commands.demo_data.tqdm", Interrupted(after=transactions))
        with pytest.raises(CommandError):
            make(**WHOLE)
    assert Command.objects.count() == 75 * transactions
    whole = [(key, step.refusal) for key, step in planned(importer.find_task(timezone.now()).world, ensure_staff())]
    make(**WHOLE)
    stored = imported_commands().values_list("key", "response")
    assert [(key, response.get("code")) for key, response in stored] == whole
    assert imported_events().count() == WHOLE["events"]


@pytest.mark.django_db
def test_staff_have_their_rights_once_and_by_facts() -> None:
    make()
    make()
    assert Event.objects.filter(type="staff.rights_set").count() == len(STAFF)
    assert not list(rights_as_recorded())


@pytest.mark.django_db
def test_it_is_completed_whatever_the_day(interrupted: None) -> None:
    world = importer.find_task(timezone.now()).world
    later = datetime(2099, 1, 1, tzinfo=UTC)
    assert importer.find_task(later) == importer.ImportTask(world, done=30)


@pytest.mark.django_db
def test_an_interrupted_world_in_use_is_left_alone(interrupted: None) -> None:
    rename_by_ada()
    before = contents()
    with pytest.raises(CommandError, match="used before this demo world was complete"):
        make()
    assert contents() == before


@pytest.mark.django_db
def test_stops_when_the_site_is_used_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    task = importer.find_task(timezone.now(), **SMALL)
    monkeypatch.setattr(importer, "BATCH", 10)
    _, steps = task.steps(ensure_staff())
    with pytest.raises(importer.CannotImport, match="used before this demo world was complete"):
        importer.import_steps(steps, lambda _: rename_by_ada())
    assert Command.objects.count() == 11


@pytest.mark.django_db
def test_notices_rules_that_have_changed() -> None:
    _, steps = importer.find_task(timezone.now(), **SMALL).steps(ensure_staff())
    key, first = next(steps)
    with pytest.raises(importer.CannotImport, match="was to be answered with EMAIL_TAKEN, not with yes"):
        importer.import_steps(iter([(key, replace(first, refusal="EMAIL_TAKEN"))]), lambda _: None)
    assert not Event.objects.exists()


# Where it has no place ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_refuses_a_foreign_history() -> None:
    register_customer("1", name="Zoe", email="zoe@example.org", password="correct horse battery")
    before = contents()
    with pytest.raises(CommandError, match="Demo data needs an empty database") as refused:
        make()
    assert refused.value.returncode == 1
    assert contents() == before
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_refuses_another_size() -> None:
    make()
    before = contents()
    with pytest.raises(CommandError, match="holds the demo world of 4 customers and 120 events"):
        make(events=121)
    assert contents() == before


@pytest.mark.django_db
@override_settings(DEMO_RAILS=False)
def test_refuses_a_site_that_is_no_demonstration() -> None:
    with pytest.raises(CommandError, match="DEMO_RAILS=1"):
        make()
    assert not User.objects.exists()
    assert not Command.objects.exists()


@pytest.mark.django_db
def test_refuses_too_few_events() -> None:
    with pytest.raises(CommandError, match="need 80 events at least"):
        make(customers=10, events=79)
    assert not Command.objects.exists()


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "many", "²"])
def test_refuses_what_is_no_number(number: str) -> None:
    with pytest.raises(CommandError, match="not a whole number above zero"):
        call_command("demo_data", f"--events={number}")


# Who may sign in ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_sign_ins_that_are_told_work() -> None:
    told = json.loads(make(json=True))
    assert told["events"] == 120
    assert [sign_in["role"] for sign_in in told["sign_ins"]] == ["customer", "customer", *STAFF]
    for sign_in in told["sign_ins"]:
        user = authenticate(username=sign_in["email"], password=sign_in["password"])
        assert isinstance(user, User)
        assert user.is_staff is (sign_in["role"] != "customer")
        assert sign_in["role"] in {"customer", "superuser", *roles_of(user)}


@pytest.mark.django_db
def test_a_password_that_was_changed_is_not_touched() -> None:
    make()
    ada = User.objects.get(email="ada@example.org")
    ada.set_password("correct horse battery")
    ada.save()
    told = make()
    assert told.count("(has another password by now)") == 1
    assert authenticate(username="ada@example.org", password="correct horse battery") == ada


@pytest.mark.django_db
def test_only_the_cast_may_sign_in_but_who_is_forgotten() -> None:
    make(customers=17, events=320)
    usable = {user.email for user in User.objects.filter(is_staff=False) if user.has_usable_password()}
    assert usable == {member.email for member in cast()} - {"oliver@example.org"}


def test_each_site_has_its_own_password() -> None:
    password = demo_password()
    assert demo_password() == password
    assert len(password) == 19
    with override_settings(SECRET_KEY="another"):
        assert demo_password() != password
