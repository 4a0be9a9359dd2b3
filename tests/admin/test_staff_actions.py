"""What staff do in the admin: each action is a command with a reason, for those whose role entitles them."""

import html
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Model
from django.test import Client, override_settings
from django.urls import reverse

from accounts.services.staff import SUPERUSER
from accounts.staff_actions.actions import STAFF_ACTIONS
from accounts.staff_actions.forms import ReasonForm, StaffActionForm
from accounts.users.roles import Role
from eventstore.models import Command, Event
from eventstore.projecting.runner.runner import Runner
from projections.models import Account, Approval, AuditLine, Customer, DailyBalance, Entry, Hold, JournalLeg, Volume
from tests.admin.conftest import World, customer_id
from tests.admin.pages import ADMIN, TAG, links_of
from tests.api.caller import Caller
from tests.factories import CustomerFactory, StaffFactory

REASON = "Asked for by letter"

SignIn = Callable[[str], Client]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """Somebody new of a role, in a browser of their own."""

    def sign_in(role: str) -> Client:
        client = Client()
        client.force_login(StaffFactory.create(role=role))
        return client

    return sign_in


@pytest.fixture
def operator(sign_in: SignIn) -> Client:
    return sign_in(Role.OPERATOR)


def address(name: str, about: object) -> str:
    return f"{ADMIN}actions/{name}/{about}/"


def offered(client: Client, model: str, key: object) -> set[str]:
    """The names of the staff actions that a page leads to."""
    links = links_of(client, f"projections/{model}/{key}/change/")
    return {link.split("/")[3] for link in links if link.startswith(f"{ADMIN}actions/")}


def test_a_confirmation_that_was_sent_before_its_form_was_renamed_is_known_again() -> None:
    for form, name in [(StaffActionForm, "DeedForm"), (ReasonForm, "ReasonForm")]:
        sent = form({"command_id": uuid4(), "reason": REASON}, state=None)
        assert sent.is_valid()
        assert json.loads(sent.fingerprint("approve", "1"))[:2] == [name, ["approve", "1"]]


def do(client: Client, name: str, about: object, *, status: int = 200, **fields: object) -> str:
    """Fill in the form of a staff action and send it; what is said on the page after it."""
    form = client.get(address(name, about))
    assert form.status_code == 200, form.status_code
    given = {"command_id": form.context["form"]["command_id"].value(), **fields}
    page = client.post(address(name, about), given, follow=True)
    assert page.status_code == status
    return " ".join(html.unescape(TAG.sub(" ", page.content.decode())).split())


def test_each_page_offers_what_makes_sense(operator: Client, world: World) -> None:
    assert offered(operator, "customer", world.ada.customer_id) == {"suspend", "erase"}
    assert offered(operator, "account", world.adas.account_id) == {"freeze", "overdraft", "limits", "ask-adjustment"}
    assert offered(operator, "entry", world.deposit.answer["entry_id"]) == {"reverse"}


@pytest.mark.parametrize("model", [AuditLine, DailyBalance, JournalLeg, Volume])
def test_about_the_rest_there_is_nothing_to_do(operator: Client, world: World, model: type[Model]) -> None:
    Runner().catch_up()
    row = model._default_manager.first()
    assert row
    page = operator.get(reverse(f"admin:projections_{model._meta.model_name}_change", args=[row.pk]))
    assert page.status_code == 200
    assert "What you can do" not in page.content.decode()


def test_each_role_is_offered_its_own(sign_in: SignIn, world: World) -> None:
    assert offered(sign_in(Role.SUPPORT), "account", world.adas.account_id) == {"freeze"}
    assert offered(sign_in(Role.SUPPORT), "customer", world.ada.customer_id) == {"suspend"}
    for role in (Role.APPROVER, Role.AUDITOR):
        assert offered(sign_in(role), "account", world.adas.account_id) == set()


@pytest.mark.parametrize("name", sorted(STAFF_ACTIONS))
def test_nobody_does_what_their_role_does_not_let_them(sign_in: SignIn, world: World, name: str) -> None:
    auditor = sign_in(Role.AUDITOR)
    assert auditor.get(address(name, world.adas.account_id)).status_code == 403
    assert auditor.post(address(name, world.adas.account_id)).status_code == 403


@pytest.mark.parametrize("name", [*sorted(STAFF_ACTIONS), "nonsense"])
def test_there_is_nothing_to_do_about_nothing(sign_in: SignIn, name: str) -> None:
    assert sign_in(SUPERUSER).get(address(name, uuid4())).status_code == 404


def test_a_customer_is_suspended_and_reinstated(operator: Client, world: World) -> None:
    about = customer_id(world.ada)
    assert "Done: Suspend this customer." in do(operator, "suspend", about, reason=REASON)
    assert Customer.objects.get(pk=about).status == "suspended"
    assert offered(operator, "customer", about) == {"reinstate", "erase"}
    do(operator, "reinstate", about, reason=REASON)
    assert Customer.objects.get(pk=about).status == "active"


def test_nobody_is_erased_who_has_an_account(operator: Client, world: World) -> None:
    text = do(operator, "erase", world.ada.customer_id, reason=REASON)
    assert "This customer has an account that is not closed." in text


def test_nobody_is_erased_where_a_restore_would_bring_them_back(operator: Client, world: World, settings: Any) -> None:
    settings.ERASURE_LIST = "/nowhere/erasures"
    eve = CustomerFactory.create(name="Eve")
    text = do(operator, "erase", eve.customer_id, reason=REASON, confirmation="Eve", status=503)
    assert "The list of erasures can't be written now. Nobody was erased: please send this once more." in text
    assert not Event.objects.filter(type="customer.erased").exists()


@pytest.mark.parametrize("reason", ["", "   "])
def test_it_takes_a_reason(operator: Client, world: World, reason: str) -> None:
    assert "This field is required." in do(operator, "suspend", world.ada.customer_id, reason=reason)
    assert Customer.objects.get(pk=world.adas.customer_id).status == "active"


def test_an_account_is_frozen_and_unfrozen(operator: Client, world: World) -> None:
    about = world.adas.account_id
    do(operator, "freeze", about, scope="all", reason=REASON)
    assert Account.objects.get(account_id=about).frozen_scope == "all"
    do(operator, "unfreeze", about, reason=REASON)
    assert Account.objects.get(account_id=about).status == "open"


def test_conditions_begin_with_what_is_so(operator: Client, world: World) -> None:
    about = world.adas.account_id
    do(operator, "overdraft", about, limit="50", reason=REASON)
    do(operator, "limits", about, per_entry="", daily_out="99.50", reason=REASON)
    row = Account.objects.get(account_id=about)
    assert (row.overdraft_limit, row.per_entry, row.daily_out) == (5_000, None, 9_950)
    assert 'value="50.00"' in operator.get(address("overdraft", about)).content.decode()
    assert 'value="99.50"' in operator.get(address("limits", about)).content.decode()


def test_what_can_not_be_read_is_told_at_its_field(operator: Client, world: World) -> None:
    text = do(operator, "overdraft", world.adas.account_id, limit="a lot", reason=REASON)
    assert "Enter an amount in plain digits" in text


def test_amounts_are_taken_as_they_are_printed(operator: Client, world: World) -> None:
    about = world.adas.account_id
    do(operator, "overdraft", about, limit="12,345.60 EUR", reason=REASON)
    do(operator, "limits", about, per_entry="１，０００", daily_out=" 2,000.5 ", reason=REASON)
    row = Account.objects.get(account_id=about)
    assert (row.overdraft_limit, row.per_entry, row.daily_out) == (1_234_560, 100_000, 200_050)
    assert 'value="12,345.60"' in operator.get(address("overdraft", about)).content.decode()
    do(operator, "ask-adjustment", about, amount="−1,000.00 EUR", reason=REASON)
    assert Approval.objects.get().payload["amount"] == "-1000.00"


def test_a_condition_is_kept_where_its_form_is_sent_as_it_came(operator: Client, world: World) -> None:
    about = world.adas.account_id
    do(operator, "overdraft", about, limit="12345.60", reason=REASON)
    form = operator.get(address("overdraft", about)).context["form"]
    do(operator, "overdraft", about, limit=form["limit"].value(), reason=REASON)
    assert Account.objects.get(account_id=about).overdraft_limit == 1_234_560


def test_an_entry_is_reversed_once(operator: Client, world: World) -> None:
    about = world.transfer.answer["entry_id"]
    do(operator, "reverse", about, reason=REASON)
    assert Entry.objects.filter(kind="reversal").count() == 2
    assert offered(operator, "entry", about) == set()
    assert "This entry has been reversed already." in do(operator, "reverse", about, reason=REASON)


def test_an_adjustment_takes_two(operator: Client, sign_in: SignIn, world: World) -> None:
    do(operator, "ask-adjustment", world.adas.account_id, amount="-5.00", reason=REASON)
    asked = Approval.objects.get()
    assert asked.payload == {"account_id": str(world.adas.account_id), "amount": "-5.00"}
    assert offered(operator, "approval", asked.approval_id) == {"withdraw"}
    approver = sign_in(Role.APPROVER)
    assert offered(approver, "approval", asked.approval_id) == {"approve", "refuse"}
    do(approver, "approve", asked.approval_id)
    assert Approval.objects.get().status == "granted"
    assert Account.objects.get(account_id=world.adas.account_id).balance == 7_000
    assert offered(approver, "approval", asked.approval_id) == set()


def test_who_asks_does_not_approve(sign_in: SignIn, world: World) -> None:
    boss = sign_in(SUPERUSER)
    do(boss, "ask-adjustment", world.adas.account_id, amount="5.00", reason=REASON)
    about = Approval.objects.get().approval_id
    assert offered(boss, "approval", about) == {"withdraw"}
    assert "You asked for this yourself" in do(boss, "approve", about)


@override_settings(APPROVAL_ABOVE=Decimal(1))
def test_what_is_above_the_limit_is_asked_for(operator: Client, sign_in: SignIn, world: World) -> None:
    entry, account = world.deposit.answer["entry_id"], world.adas.account_id
    assert offered(operator, "entry", entry) == {"ask-reversal"}, "one person alone would be refused"
    assert "takes the approval of a second person" in do(operator, "reverse", entry, reason=REASON)
    assert "takes the approval of a second person" in do(operator, "overdraft", account, limit="50", reason=REASON)
    do(operator, "ask-overdraft", account, limit="50", reason=REASON)
    do(sign_in(Role.APPROVER), "approve", Approval.objects.get().approval_id)
    do(operator, "ask-reversal", entry, reason=REASON)
    do(sign_in(Role.APPROVER), "refuse", Approval.objects.get(status="open").approval_id, reason=REASON)
    assert Account.objects.get(account_id=account).overdraft_limit == 5_000
    assert not Entry.objects.filter(kind="reversal").exists()


def test_a_form_that_is_sent_twice_has_one_effect(operator: Client, world: World) -> None:
    about = world.adas.account_id
    form = operator.get(address("freeze", about)).context["form"]
    given = {"command_id": form["command_id"].value(), "scope": "all", "reason": REASON}
    for _ in range(2):
        assert operator.post(address("freeze", about), given).status_code == 302
    assert Command.objects.filter(type="account.freeze").count() == 1


def test_customers_do_nothing_here(world: World) -> None:
    client = Client()
    client.force_login(world.ada)
    assert client.get(address("freeze", world.adas.account_id)).status_code == 302
    assert (
        "Freeze this account" not in client.get(address("freeze", world.adas.account_id), follow=True).content.decode()
    )


def test_holds_of_customers_are_handled(operator: Client, world: World) -> None:
    caller = Caller.of(world.ada)
    holds = [
        caller.post(f"accounts/{world.adas.account_id}/holds", {"amount": "10.00"}).body["hold_id"] for _ in range(2)
    ]
    assert offered(operator, "hold", holds[0]) == {"capture", "release"}
    do(operator, "capture", holds[0], amount="4.00")
    do(operator, "release", holds[1], reason=REASON)
    assert {row.status for row in Hold.objects.all()} == {"captured", "released"}
    assert Account.objects.get(account_id=world.adas.account_id).balance == 7_100
    assert offered(operator, "hold", holds[0]) == set()
