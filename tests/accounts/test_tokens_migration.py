"""The migration that carries over tokens which stood in clear, and drops their table."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from accounts.users.models import User
from accounts.users.tokens import ApiToken
from tests.api.caller import Caller
from tests.factories import CustomerFactory, StaffFactory

carry_over = import_module("accounts.migrations.0005_tokens").carry_over
OLD, GONE = "0123456789abcdef0123456789abcdef01234567", "f" * 40

pytestmark = pytest.mark.django_db


def run() -> None:
    carry_over(apps, SimpleNamespace(connection=connection))


def execute(sql: str, *given: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


@pytest.fixture
def owners() -> tuple[User, User]:
    """Somebody with a token from before, and somebody with one who may not sign in any more."""
    time = "datetime" if connection.vendor == "sqlite" else "timestamp with time zone"
    execute(f"CREATE TABLE authtoken_token (key varchar(40) PRIMARY KEY, user_id bigint, created {time})")
    execute("INSERT INTO django_migrations (app, name, applied) VALUES ('authtoken', '0001_initial', '2026-01-01')")
    ada, sam = CustomerFactory.create(), StaffFactory.create()
    for key, user in ((OLD, ada), (GONE, sam)):
        execute("INSERT INTO authtoken_token VALUES (%s, %s, '2026-01-01 12:00:00.25')", key, user.pk)
    User.objects.filter(pk=sam.pk).update(is_active=False)
    return ada, sam


def test_programs_go_on_until_the_token_ends(owners: tuple[User, User]) -> None:
    run()
    assert Caller(OLD).get("me").body["customer_id"] == str(owners[0].customer_id)
    (row,) = Caller(OLD).get("tokens").body["results"]
    assert row["name"] == ""
    ApiToken.objects.update(expires_at=timezone.now())
    assert Caller(OLD).get("me").status == 401


def test_they_are_as_old_as_they_are_so_nothing_grave_is_done_by_them(owners: tuple[User, User]) -> None:
    run()
    (row,) = Caller(OLD).get("tokens").body["results"]
    assert row["created_at"].startswith("2026-01-01T")


def test_they_end_with_a_new_password(owners: tuple[User, User]) -> None:
    run()
    ada = User.objects.get(pk=owners[0].pk)
    ada.set_password("another horse battery")
    ada.save()
    assert Caller(OLD).get("me").status == 401


def test_who_may_not_sign_in_has_none(owners: tuple[User, User]) -> None:
    run()
    User.objects.filter(pk=owners[1].pk).update(is_active=True)
    assert Caller(GONE).get("me").status == 401


def test_nothing_stands_in_clear_any_more(owners: tuple[User, User]) -> None:
    run()
    assert "authtoken_token" not in connection.introspection.table_names()
    assert OLD not in str(list(ApiToken.objects.values_list()))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_migrations WHERE app = 'authtoken'")
        assert cursor.fetchone() == (0,)


def test_sessions_from_before_end(db: None) -> None:
    execute("INSERT INTO django_session VALUES ('a key in clear', '', '2030-01-01')")
    run()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone() == (0,)


def test_a_new_database_has_nothing_to_carry_over(db: None) -> None:
    run()
    assert not ApiToken.objects.exists()
