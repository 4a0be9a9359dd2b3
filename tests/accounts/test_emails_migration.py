"""The migration that writes the domains of users' e-mails in ASCII."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from accounts.users.models import User
from tests.factories import NewcomerFactory, StaffFactory

renew_emails = import_module("accounts.migrations.0003_emails").renew_emails
confirm_staff = import_module("accounts.migrations.0006_confirmed_emails").confirm_staff


@pytest.mark.django_db
def test_domains_become_ascii_and_nobody_is_lost() -> None:
    before = [
        "a@fuß.example",
        "b@example.org",
        "straße@bücher.example",
        "c@ex_ämple.org",
        "d@fuß.example",
        "d@xn--fu-hia.example",
    ]
    users = [StaffFactory.create() for _ in before]
    for user, email in zip(users, before, strict=True):
        type(user).objects.filter(pk=user.pk).update(email=email)
    renew_emails(apps, SimpleNamespace(connection=connection))
    for user in users:
        user.refresh_from_db()
    assert [user.email for user in users] == [
        *("a@xn--fu-hia.example", "b@example.org", "straße@xn--bcher-kva.example", "c@ex_ämple.org"),
        *("d@fuß.example", "d@xn--fu-hia.example"),
    ]


@pytest.mark.django_db
def test_staff_count_as_confirmed_and_customers_do_not() -> None:
    staff, customer = StaffFactory.create(), NewcomerFactory.create()
    User.objects.update(email_confirmed_at=None)
    import_module("accounts.migrations.0006_confirmed_emails").confirm_staff(
        apps, SimpleNamespace(connection=connection)
    )
    for user in (staff, customer):
        user.refresh_from_db()
    assert staff.email_confirmed_at
    assert customer.email_confirmed_at is None
