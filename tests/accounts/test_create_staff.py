"""`manage.py create_staff`."""

import json
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command

from accounts.services.registration import register_customer
from accounts.users.models import User
from accounts.users.roles import Role, StaffTask, is_entitled, roles_of
from accounts.users.tokens import caller_of, make_token

PASSWORD = "correct horse battery"

pytestmark = pytest.mark.django_db


def create(role: str, email: str = "sam@example.org", **options: Any) -> User:
    call_command("create_staff", email=email, role=role, **{"password": PASSWORD, **options})
    return User.objects.get(email="sam@example.org")


@pytest.mark.parametrize("role", list(Role))
def test_makes_a_member_of_staff_with_a_role(role: Role) -> None:
    user = create(role)
    assert authenticate(username="sam@example.org", password=PASSWORD) == user
    assert user.is_staff
    assert not user.is_superuser
    assert roles_of(user) == {role}
    assert user.actor == f"staff:{user.pk}"


def test_a_superuser_has_all_roles() -> None:
    user = create("superuser")
    assert user.is_superuser
    assert roles_of(user) == set(Role)


def test_djangos_own_command_makes_one_too() -> None:
    user = User.objects.create_superuser("Sam@example.org", PASSWORD)
    assert authenticate(username="sam@example.org", password=PASSWORD) == user
    assert roles_of(user) == set(Role)


def test_an_email_has_one_spelling() -> None:
    assert create("support", email=" Sam@Example.ORG").email == "sam@example.org"


def test_again_it_changes_role_and_password() -> None:
    create("approver")
    user = create("auditor", password="another horse battery")
    assert roles_of(user) == {Role.AUDITOR}
    assert user.check_password("another horse battery")
    assert User.objects.count() == 1


def test_again_it_takes_single_permissions_away() -> None:
    create("operator").user_permissions.add(Permission.objects.get(codename="handle_parked"))
    assert not create("auditor").user_permissions.exists()


def test_the_last_superuser_stays_one() -> None:
    create("superuser")
    with pytest.raises(CommandError, match=r"last superuser.*change_staff --force"):
        create("auditor")
    User.objects.create_superuser("other@example.org", PASSWORD)
    assert roles_of(create("auditor")) == {Role.AUDITOR}


def test_again_it_ends_all_their_sessions_and_tokens() -> None:
    _, token = make_token(create("auditor"))
    create("auditor")
    assert caller_of(token) is None


def test_scripts_read_whom_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    user = create("auditor", as_json=True)
    told = {"email": user.email, "actor": user.actor, "role": "auditor", "active": True, "created": True}
    assert json.loads(capsys.readouterr().out) == told


def test_refuses_a_customers_email() -> None:
    register_customer("1", name="Sam", email="sam@example.org", password=PASSWORD)
    with pytest.raises(CommandError, match="is a customer"):
        create("support")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"role": "king"}, "invalid choice"),
        ({"password": "123"}, "too short"),
        ({"email": "sam"}, "e-mail address"),
    ],
)
def test_says_what_is_wrong(wrong: dict[str, str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("create_staff", **{"email": "sam@example.org", "role": "support", "password": PASSWORD, **wrong})
    assert not User.objects.exists()


def test_asks_for_the_password_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _: PASSWORD)
    assert create("support", password=None).check_password(PASSWORD)


def test_two_different_passwords_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda prompt: prompt)
    with pytest.raises(CommandError, match="differ"):
        create("support", password=None)


def test_without_a_terminal_the_password_must_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(CommandError, match="--password"):
        create("support", password=None)


def test_who_helps_customers_may_open_accounts_for_them() -> None:
    allowed = {role for role in Role if is_entitled(create(role), StaffTask.OPEN_ACCOUNTS)}
    assert allowed == {Role.SUPPORT, Role.OPERATOR}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_sees_everything_and_operators_alone_handle_what_is_parked(role: Role) -> None:
    permissions = create(role).get_all_permissions()
    assert {"eventstore.view_event", "eventstore.view_command", "accounts.view_user"} <= permissions
    assert "eventstore.view_subjectkey" not in permissions
    more = {permission for permission in permissions if not permission.split(".")[1].startswith("view_")}
    assert more == ({"eventstore.handle_parked"} if role is Role.OPERATOR else set())
