"""A package that declares messages or projections, but is no installed app, is named: nothing guards its shapes."""

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps as installed

from eventstore.checks.apps import check_apps
from eventstore.checks.doctor import examine
from tests.eventstore.codebase import Codebase, codebase

DOOR = """
@event("door.opened")
class DoorOpened:
    door_id: UUID

@rows(Line)
def lines(event: DoorOpened, record):
    return ()
"""


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    with codebase(tmp_path) as app:
        app.has(DOOR)
        yield app


def test_all_apps_that_declare_here_are_installed() -> None:
    assert check_apps() == []


def test_an_installed_app_is_guarded(shop: Codebase) -> None:
    assert check_apps() == []


def test_a_package_that_is_no_app_is_named_with_what_it_declares(
    shop: Codebase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installed, "get_containing_app_config", lambda module: None)
    (error,) = check_apps()
    assert error.id == "eventstore.E009"
    assert error.level >= 40
    assert f"The package {shop.folder.name} declares door.opened, lines, but belongs to no installed app" in error.msg
    assert f"Add {shop.folder.name}" in str(error.hint)
    assert "INSTALLED_APPS" in str(error.hint)
    assert "ready()" in str(error.hint)


@pytest.mark.django_db
def test_doctor_says_so_too(shop: Codebase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "get_containing_app_config", lambda module: None)
    assert any("belongs to no installed app" in finding.says for finding in examine())


@pytest.mark.parametrize("module", ["shop.tests.events", "shop.test_orders", "conftest", "tests.eventstore.sample"])
def test_what_tests_declare_needs_no_app(shop: Codebase, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "get_containing_app_config", lambda module: None)
    monkeypatch.setattr("eventstore.checks.apps._declared", lambda: [(module, "door.opened")])
    assert check_apps() == []
