"""Rights of staff are facts of the log: recorded with each change, and compared with the tables by `verify`."""

from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db.models import QuerySet

from accounts.domain.commands import SetStaffRights
from accounts.domain.events import StaffRightsSet
from accounts.services.rights_check import rights_as_recorded
from accounts.services.staff_rights import rights_in_facts, staff_id, take_in
from accounts.users.models import User
from accounts.users.roles import Role
from eventstore import log
from eventstore.models import Command, Event
from eventstore.testing import given
from tests.factories import CustomerFactory, StaffFactory

ADA = UUID(int=1)
SET = SetStaffRights(ADA, 7, roles=("operator",), superuser=False, permissions=(), active=True)
RIGHTS = StaffRightsSet(ADA, 7, roles=("operator",), superuser=False, permissions=(), active=True)


class TestRules:
    """What is recorded."""

    def test_all_rights_are_said(self) -> None:
        given().when(SET).then(RIGHTS).answers(
            user_id=7, roles=["operator"], superuser=False, permissions=[], active=True
        )

    def test_what_is_so_already_needs_no_event(self) -> None:
        given(RIGHTS).when(SET).then()


def facts(user: User) -> list[tuple[Any, ...]]:
    """What the log says of a user's rights, one after the other: actor, roles, superuser, active."""
    records = log.read_stream(staff_id(user.pk))
    return [(each.metadata["actor"], each.event.roles, each.event.superuser, each.event.active) for each in records]


def user_of(email: str) -> User:
    return User.objects.get(email=email)


def create(email: str, role: str) -> User:
    call_command("create_staff", email=email, role=role, password="correct horse battery", stdout=StringIO())
    return user_of(email)


def change(user: User, **options: Any) -> None:
    call_command("change_staff", email=user.email, stdout=StringIO(), **options)


@pytest.mark.django_db
class TestFacts:
    """Where rights change."""

    def test_each_change_from_the_command_line_is_one(self) -> None:
        create("eve@example.org", "superuser")
        ada = create("ada@example.org", "operator")
        change(ada, role="superuser")
        change(ada, deactivate=True)
        change(ada, activate=True)
        create("ada@example.org", "auditor")
        assert facts(ada) == [
            ("system:create_staff", ("operator",), False, True),
            ("system:change_staff", (), True, True),
            ("system:change_staff", (), True, False),
            ("system:change_staff", (), True, True),
            ("system:create_staff", ("auditor",), False, True),
        ]

    def test_djangos_own_command_leaves_one_too(self) -> None:
        call_command("createsuperuser", email="ada@example.org", interactive=False, stdout=StringIO())
        assert facts(user_of("ada@example.org")) == [("system:createsuperuser", (), True, True)]

    def test_a_change_that_can_t_be_done_leaves_none(self) -> None:
        ada = create("ada@example.org", "superuser")
        with pytest.raises(CommandError):
            change(ada, role="auditor")
        assert facts(ada) == [("system:create_staff", (), True, True)]

    def test_what_is_no_change_of_rights_leaves_none(self) -> None:
        ada = create("ada@example.org", "operator")
        change(ada, sign_out=True)
        change(ada, role="operator")
        assert len(facts(ada)) == 1

    def test_the_command_is_stored_for_the_audit(self) -> None:
        ada = create("ada@example.org", "operator")
        command = Command.objects.get(type="staff.set_rights")
        assert (command.actor, command.data["user_id"]) == ("system:create_staff", ada.pk)

    def test_no_email_stands_in_them(self) -> None:
        create("ada@example.org", "operator")
        stored = [*Event.objects.values_list("data", "metadata"), *Command.objects.values_list("data", "metadata")]
        assert "ada@" not in str(stored)

    def test_permissions_of_a_person_are_told(self) -> None:
        ada = create("ada@example.org", "operator")
        ada.user_permissions.add(Permission.objects.get(codename="view_user"))
        change(ada, deactivate=True)
        assert rights_in_facts(ada.pk).permissions == ("accounts.view_user",)


def without_facts(*roles: str) -> list[User]:
    """Members of staff as an earlier version has made them."""
    users = [
        User.objects.create(email=f"{role}{number}@example.org", is_staff=True, is_superuser=role == "superuser")
        for number, role in enumerate(roles)
    ]
    for user, role in zip(users, roles, strict=True):
        user.groups.set(Group.objects.filter(name=role))
    return users


@pytest.mark.django_db
class TestTakingIn:
    """A site that is older than these facts."""

    def test_is_taken_in_by_the_first_migrate(self) -> None:
        ada, bob = without_facts("superuser", "auditor")
        call_command("migrate", verbosity=0)
        assert facts(ada) == [("system:migrate", (), True, True)]
        assert facts(bob) == [("system:migrate", ("auditor",), False, True)]
        assert all(each["taken_in"] for each in Event.objects.values_list("metadata", flat=True))
        assert not list(rights_as_recorded())

    def test_whoever_may_do_nothing_needs_no_fact(self) -> None:
        """A demo world whose import was interrupted has such members of staff, and goes on after the next `migrate`."""
        User.objects.create(email="later@example.org", is_staff=True, is_active=False)
        take_in(using="default")
        assert not Event.objects.exists()

    def test_and_never_again(self) -> None:
        """Else whoever writes into the tables would only have to wait for the next version."""
        StaffFactory.create()
        (eve,) = without_facts("superuser")
        take_in(using="default")
        assert facts(eve) == []
        assert problems_of(eve) == ["They have superuser, may sign in; by the log it is no role, may not sign in."]

    def test_a_site_without_staff_gets_no_facts(self) -> None:
        take_in(using="default")
        assert not Event.objects.exists()


def problems() -> list[tuple[str, str]]:
    return [(each.subject, each.problem) for each in rights_as_recorded()]


def problems_of(user: User) -> list[str]:
    return [problem for subject, problem in problems() if subject == f"user {user.pk}"]


def past_the_manager(user: User, **changes: Any) -> None:
    """Change a user as from a database console."""
    QuerySet(User).filter(pk=user.pk).update(**changes)


@pytest.mark.django_db
class TestVerify:
    """What `verify` finds in the tables of users and groups."""

    def test_nothing_where_all_is_as_recorded(self) -> None:
        for role in (*Role, "superuser"):
            StaffFactory.create(role=role)
        CustomerFactory.create()
        change(StaffFactory.create(), deactivate=True)
        assert problems() == []

    def test_a_superuser_whom_nobody_has_made(self) -> None:
        ada = StaffFactory.create(role=Role.AUDITOR)
        past_the_manager(ada, is_superuser=True)
        assert problems() == [
            (f"user {ada.pk}", "They have superuser, auditor, may sign in; by the log it is auditor, may sign in.")
        ]

    def test_somebody_who_was_let_in_again(self) -> None:
        ada = StaffFactory.create()
        change(ada, deactivate=True)
        past_the_manager(ada, is_active=True)
        assert problems_of(ada) == ["They have operator, may sign in; by the log it is operator, may not sign in."]

    def test_somebody_who_was_locked_out(self) -> None:
        ada = StaffFactory.create()
        past_the_manager(ada, is_active=False)
        assert problems_of(ada) == ["They have operator, may not sign in; by the log it is operator, may sign in."]

    def test_a_role_that_was_added(self) -> None:
        ada = StaffFactory.create()
        ada.groups.add(Group.objects.get(name="approver"))
        assert problems_of(ada) == [
            "They have approver, operator, may sign in; by the log it is operator, may sign in."
        ]

    def test_a_permission_of_one_person(self) -> None:
        ada = StaffFactory.create(role=Role.AUDITOR)
        ada.user_permissions.add(Permission.objects.get(codename="handle_parked"))
        (problem,) = problems_of(ada)
        assert "auditor, eventstore.handle_parked" in problem

    def test_somebody_nobody_has_made(self) -> None:
        StaffFactory.create()
        (eve,) = without_facts("support")
        assert problems_of(eve) == ["They have support, may sign in; by the log it is no role, may not sign in."]

    def test_a_group_that_may_do_more(self) -> None:
        Group.objects.get(name="auditor").permissions.add(Permission.objects.get(codename="handle_parked"))
        assert problems() == [("group auditor", "It may do more than its role: eventstore.handle_parked.")]

    def test_a_group_that_may_do_less(self) -> None:
        Group.objects.get(name="operator").permissions.remove(Permission.objects.get(codename="handle_parked"))
        assert problems() == [("group operator", "It may do less than its role: eventstore.handle_parked is missing.")]

    def test_a_group_that_nobody_has_made(self) -> None:
        Group.objects.create(name="directors")
        assert problems() == [("group directors", "No migration makes this group, and no role has its name.")]

    def test_a_customer_with_a_role(self) -> None:
        customer = CustomerFactory.create()
        customer.groups.add(Group.objects.get(name="auditor"))
        assert problems_of(customer) == ["They are a customer, and have rights of staff."]

    def test_whoever_is_gone_has_no_rights(self) -> None:
        StaffFactory.create().delete()
        assert problems() == []
