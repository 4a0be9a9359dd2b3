"""What ends the sessions and tokens of a user: each change of password, role or activity, whoever makes it and how."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.services.staff import make_staff
from accounts.users.models import User
from accounts.users.sessions import live_sessions
from accounts.users.tokens import ApiToken, caller_of, live_tokens, make_token
from tests.factories import PASSWORD, CustomerFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam() -> User:
    return StaffFactory.create(email="sam@example.org", role="auditor")


@pytest.fixture
def browser(sam: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=sam.pk))
    return client


@pytest.fixture
def token(sam: User) -> str:
    return make_token(User.objects.get(pk=sam.pk))[1]


def group(name: str) -> Group:
    return Group.objects.get(name=name)


def saved(user: User, update_fields: list[str] | None = None, /, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=update_fields)


def saved_with_others(user: User, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(user, name, value)
    User.objects.bulk_update([user], list(changes))


def with_password(user: User) -> None:
    user.set_password("another horse battery")
    user.save()


PERMISSION = "view_user"

CHANGES: dict[str, Callable[[User], Any]] = {
    "a password": with_password,
    "deactivation": lambda user: saved(user, is_active=False),
    "deactivation alone": lambda user: saved(user, ["is_active"], is_active=False),
    "a superuser": lambda user: saved(user, is_superuser=True),
    "by a query": lambda user: User.objects.filter(pk=user.pk).update(is_superuser=True),
    "by a query for many": lambda user: saved_with_others(user, is_superuser=True),
    "another group": lambda user: user.groups.add(group("operator")),
    "no group": lambda user: user.groups.clear(),
    "one group less": lambda user: user.groups.remove(group("auditor")),
    "other groups": lambda user: user.groups.set([group("support")]),
    "a group's new member": lambda user: group("operator").user_set.set([user]),
    "a group's lost member": lambda user: group("auditor").user_set.set([]),
    "a group's lost members": lambda user: group("auditor").user_set.clear(),
    "a group that is deleted": lambda user: group("auditor").delete(),
    "a permission": lambda user: user.user_permissions.add(Permission.objects.get(codename=PERMISSION)),
    "a permission's user": lambda user: Permission.objects.get(codename=PERMISSION).user_set.set([user]),
    "create_staff again": lambda user: make_staff(user.email, "auditor", PASSWORD),
    "signing out everywhere": lambda user: user.end_access(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_all_sessions_and_tokens_end_by(sam: User, browser: Client, token: str, change: str) -> None:
    assert browser.get("/admin/").status_code == 200
    assert caller_of(token)
    CHANGES[change](User.objects.get(pk=sam.pk))
    assert browser.get("/admin/").status_code == 302
    assert caller_of(token) is None
    assert not live_tokens(User.objects.get(pk=sam.pk))
    assert not live_sessions(User.objects.get(pk=sam.pk))


def test_what_ended_with_a_deactivation_does_not_come_back(sam: User, browser: Client, token: str) -> None:
    for is_active in (False, True):
        saved(User.objects.get(pk=sam.pk), is_active=is_active)
    assert browser.get("/admin/").status_code == 302
    assert caller_of(token) is None


NO_CHANGES: dict[str, Callable[[User], Any]] = {
    "a sign-in": lambda user: Client().login(email=user.email, password=PASSWORD),
    "a save": lambda user: user.save(),
    "another e-mail": lambda user: saved(user, email="samuel@example.org"),
    "a group that one has": lambda user: user.groups.add(group("auditor")),
    "a group that another gets": lambda user: StaffFactory.create(role="auditor"),
    "a query about others": lambda user: User.objects.exclude(pk=user.pk).update(is_superuser=True),
}


@pytest.mark.parametrize("change", NO_CHANGES)
def test_they_live_on_after(sam: User, browser: Client, token: str, change: str) -> None:
    NO_CHANGES[change](User.objects.get(pk=sam.pk))
    assert browser.get("/admin/").status_code == 200
    assert caller_of(token)


def test_a_save_that_began_before_brings_nothing_back(sam: User, browser: Client, token: str) -> None:
    """A request read the user, and saves something else when the user has been deactivated, or has a new password."""
    stale = User.objects.get(pk=sam.pk)
    with_password(User.objects.get(pk=sam.pk))
    saved(User.objects.get(pk=sam.pk), is_active=False)
    saved(stale, email="samuel@example.org")
    now = User.objects.get(pk=sam.pk)
    assert (now.email, now.is_active) == ("samuel@example.org", False)
    assert now.check_password("another horse battery")
    assert caller_of(token) is None


def test_nor_does_it_bring_back_what_ended_with_a_role(sam: User, token: str) -> None:
    stale = User.objects.get(pk=sam.pk)
    User.objects.get(pk=sam.pk).groups.add(group("operator"))
    saved(stale, email="samuel@example.org")
    assert caller_of(token) is None


def test_an_object_that_was_read_anew_can_be_changed_back() -> None:
    user = StaffFactory.create()
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()
    saved(user, is_active=True)
    assert User.objects.get(pk=user.pk).is_active


def test_a_change_that_is_not_saved_yet_outlives_reading_another_field() -> None:
    user = StaffFactory.create()
    user.is_active = False
    user.end_access()
    user.save()
    assert not User.objects.get(pk=user.pk).is_active


def test_a_field_that_was_not_read_is_not_written() -> None:
    user = StaffFactory.create(email="sam@example.org")
    part = User.objects.defer("is_active", "password").get(pk=user.pk)
    saved(part, email="samuel@example.org")
    assert User.objects.get(pk=user.pk).email == "samuel@example.org"


def test_who_signs_in_meanwhile_is_in(sam: User, browser: Client) -> None:
    User.objects.get(pk=sam.pk).end_access()
    browser.force_login(User.objects.get(pk=sam.pk))
    assert browser.get("/admin/").status_code == 200


def test_one_users_access_is_nobody_elses(sam: User, browser: Client) -> None:
    customer = CustomerFactory.create()
    make_token(customer)
    customer.end_access()
    assert browser.get("/admin/").status_code == 200
    assert not ApiToken.objects.filter(user=customer).exists()
