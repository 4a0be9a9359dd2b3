"""Nobody changes anything in the admin, by whatever way they try."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.users.models import User
from accounts.users.sessions import Session
from accounts.users.tokens import ApiToken
from eventstore.models import Command, Drill, Epoch, Event, Parked, Projection, Stream, TreeHead
from projections.models import (
    Account,
    Approval,
    AuditLine,
    Customer,
    DailyBalance,
    Entry,
    Hold,
    JournalLeg,
    Statement,
    Volume,
)
from tests.admin.conftest import World
from tests.factories import StaffFactory

MODELS: list[type[Model]] = [
    *(Command, Drill, Epoch, Event, Parked, Projection, Stream, TreeHead),
    *(Account, Approval, AuditLine, Customer, DailyBalance, Entry, Hold, JournalLeg, Statement, Volume),
    User,
]


@pytest.fixture(params=["auditor", "operator", "superuser"])
def anybody(request: pytest.FixtureRequest, world: World, client: Client) -> Client:
    client.force_login(StaffFactory.create(role=request.param))
    return client


def addresses(model: type[Model], *names: str) -> Iterator[str]:
    row = model._default_manager.first()
    for name in names:
        arguments = [row.pk] if row and name in ("change", "delete") else []
        if name in ("change", "delete") and not arguments:
            continue
        yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=arguments)


def test_these_are_all_models_in_the_admin() -> None:
    assert set(admin.site._registry) == set(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_adding_and_deleting_are_forbidden(anybody: Client, model: type[Model]) -> None:
    for address in addresses(model, "add", "delete"):
        assert anybody.get(address).status_code == 403
        assert anybody.post(address, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_sending_anything_to_a_list_or_a_page_is_forbidden(anybody: Client, model: type[Model]) -> None:
    rows = model._default_manager.values_list("pk", flat=True)
    action = {"action": "delete_selected", "_selected_action": list(rows), "post": "yes"}
    for address in addresses(model, "changelist", "change"):
        for method in (anybody.post, anybody.put, anybody.patch, anybody.delete):
            assert method(address, action).status_code == 403
    assert list(model._default_manager.values_list("pk", flat=True)) == list(rows)


@pytest.mark.parametrize("model", MODELS)
def test_looking_is_allowed(anybody: Client, model: type[Model]) -> None:
    for address in addresses(model, "changelist", "change"):
        assert anybody.get(address).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_who_has_no_role_sees_nothing(world: World, client: Client, newcomer: User, model: type[Model]) -> None:
    client.force_login(newcomer)
    for address in addresses(model, "changelist", "change"):
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_customers_are_asked_to_sign_in_as_somebody_else(world: World, client: Client, model: type[Model]) -> None:
    client.force_login(world.ada)
    for address in addresses(model, "changelist", "change"):
        assert client.get(address).headers["Location"].startswith("/admin/login/")


def test_there_is_no_page_of_edits(staff: Client, world: World) -> None:
    assert staff.get(reverse("admin:eventstore_event_history", args=[1])).status_code == 404


@pytest.mark.parametrize("model", [Group, ApiToken, Session])
def test_roles_tokens_and_sessions_are_not_in_the_admin(model: type[Model]) -> None:
    assert not admin.site.is_registered(model)
