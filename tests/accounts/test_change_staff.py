"""`manage.py change_staff`."""

import json
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from accounts.services.staff import SUPERUSER, LastSuperuser, member_of_staff, set_active
from accounts.services.staff_rights import rights_in_facts
from accounts.users.code_devices import CodeApp
from accounts.users.mail import OutgoingMail
from accounts.users.models import User
from accounts.users.roles import Role, roles_of
from accounts.users.tokens import caller_of, make_token
from tests.factories import CustomerFactory, StaffFactory
from tests.second_factors import give_app, sign_in
from tests.torture.threads import at_once

SAM = "sam@example.org"

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam() -> User:
    return StaffFactory.create(email=SAM, role=Role.OPERATOR)


def change(*options: str, email: str = SAM) -> str:
    out = StringIO()
    call_command("change_staff", "--email", email, *options, stdout=out, no_color=True)
    return out.getvalue()


def told(*options: str, email: str = SAM) -> Any:
    return json.loads(change(*options, "--json", email=email))


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.APPROVER, Role.AUDITOR])
def test_another_role_takes_the_place_of_the_old_one(sam: User, role: Role) -> None:
    assert change("--role", role).startswith(f"Changed: {SAM}, {role}, may sign in.")
    assert roles_of(User.objects.get(pk=sam.pk)) == {role}


def test_a_superuser_is_made_and_unmade(sam: User) -> None:
    StaffFactory.create(role=SUPERUSER)
    assert told("--role", SUPERUSER)["role"] == SUPERUSER
    assert roles_of(User.objects.get(pk=sam.pk)) == set(Role)
    assert told("--role", "auditor")["role"] == "auditor"
    assert roles_of(User.objects.get(pk=sam.pk)) == {Role.AUDITOR}


def test_scripts_read_what_they_are_now(sam: User) -> None:
    now = {"email": SAM, "actor": sam.actor, "role": "operator", "active": False, "changed": True}
    assert told("--deactivate") == now
    assert told("--deactivate") == now | {"changed": False}
    assert told("--activate") == now | {"active": True}


@pytest.mark.parametrize("options", [["--role", "auditor"], ["--deactivate"], ["--sign-out"]])
def test_who_is_changed_is_out_everywhere_at_once(sam: User, client: Client, options: list[str]) -> None:
    client.force_login(User.objects.get(pk=sam.pk))
    _, token = make_token(User.objects.get(pk=sam.pk))
    assert client.get("/admin/").status_code == 200
    assert caller_of(token)
    change(*options)
    assert client.get("/admin/").status_code == 302
    assert caller_of(token) is None


def test_who_comes_back_signs_in_anew(sam: User, client: Client) -> None:
    client.force_login(User.objects.get(pk=sam.pk))
    change("--deactivate")
    change("--activate")
    assert client.get("/admin/").status_code == 302


def test_what_is_so_already_ends_nothing(sam: User, client: Client) -> None:
    client.force_login(User.objects.get(pk=sam.pk))
    assert change("--role", "operator").startswith("Nothing to change: ")
    assert change("--activate").startswith("Nothing to change: ")
    assert change("--reset-factors").startswith("Nothing to change: ")
    assert client.get("/admin/").status_code == 200


def test_rights_that_a_restore_to_an_earlier_time_brought_back_can_be_confirmed(sam: User) -> None:
    User.objects.filter(pk=sam.pk).update(is_active=False)  # without a fact, as the archive's tables have it
    assert rights_in_facts(sam.pk).active
    assert change("--deactivate").endswith("The log said otherwise; now it is recorded there, too.\n")
    assert not rights_in_facts(sam.pk).active
    assert change("--deactivate").endswith("may not sign in.\n")


def test_the_last_superuser_stays_one() -> None:
    StaffFactory.create(email=SAM, role=SUPERUSER)
    StaffFactory.create(email="gone@example.org", role=SUPERUSER)
    change("--deactivate", email="gone@example.org")
    for options in (["--deactivate"], ["--role", "auditor"]):
        with pytest.raises(CommandError, match=r"last superuser.*--force"):
            change(*options)
        assert roles_of(User.objects.get(email=SAM)) == set(Role)


def test_unless_one_insists() -> None:
    StaffFactory.create(email=SAM, role=SUPERUSER)
    assert told("--deactivate", "--force")["active"] is False
    assert told("--role", "auditor")["role"] == "auditor"


def test_a_superuser_may_go_where_another_one_stays() -> None:
    for email in (SAM, "other@example.org"):
        StaffFactory.create(email=email, role=SUPERUSER)
    assert told("--deactivate")["active"] is False


@pytest.mark.django_db(transaction=True)
def test_of_two_superusers_who_are_changed_at_once_one_stays() -> None:
    for _ in range(5):
        users = [StaffFactory.create(role=SUPERUSER) for _ in range(2)]
        left = at_once([partial(leaves, user.email) for user in users])
        assert sorted(left) == [False, True]
        User.objects.filter(is_superuser=True).delete()


@transaction.atomic
def leaves(email: str) -> bool:
    """Whether somebody may be deactivated."""
    try:
        return set_active(member_of_staff(email), False)
    except LastSuperuser:
        return False


@pytest.mark.parametrize("options", [["--role", "auditor"], ["--deactivate"], ["--activate"], ["--sign-out"]])
def test_a_customer_is_none_of_the_staff(options: list[str]) -> None:
    customer = CustomerFactory.create(email=SAM)
    with pytest.raises(CommandError, match="is a customer") as raised:
        change(*options)
    assert raised.value.returncode == 1
    assert User.objects.get(pk=customer.pk).is_active
    assert not User.objects.get(pk=customer.pk).is_staff


@pytest.mark.parametrize(("email", "message"), [("nobody@example.org", "create_staff"), ("sam", "e-mail address")])
def test_who_is_nobody_is_named(db: None, email: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        change("--deactivate", email=email)


@pytest.mark.parametrize("options", ["", "--deactivate --activate", "--role auditor --sign-out", "--role king"])
def test_one_thing_is_done_at_a_time(sam: User, options: str) -> None:
    with pytest.raises(CommandError):
        change(*options.split())


def test_its_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("change_staff", "--help")
    shown = capsys.readouterr().out
    assert "manage.py change_staff --email ada@example.org --deactivate" in shown
    assert "--force" in shown


def test_who_has_lost_the_second_factor_sets_up_another(sam: User, client: Client) -> None:
    give_app(sam)
    sign_in(client, sam)
    assert told("--reset-factors")["changed"]
    assert not User.objects.get(pk=sam.pk).has_second_factor
    assert not CodeApp.objects.exists()
    assert OutgoingMail.objects.get().kind == "factor_removed"
    assert client.get("/admin/").status_code == 302
    assert not told("--reset-factors")["changed"]
