"""A site that was restored from an archive is the site that it was: sign-ins, rights, pages, statements, the erased."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.users.models import User
from eventstore.keys import ring
from eventstore.models import Event
from projections.models import Account, Customer, Entry
from tests.factories import deposit, employ, erase, open_account, register

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "korrekt Pferd Batterie"


def person(email: str) -> dict[str, Any]:
    return {"name": "Ada Lovelace", "email": email, "password": PASSWORD, "locale": "en", "timezone": "UTC"}


def flushed() -> None:
    call_command("flush", interactive=False, verbosity=0)
    ring.forget()


def values(model: Any) -> list[Any]:
    return list(model.objects.order_by("pk").values())


def test_people_sign_in_as_before_and_see_what_they_saw(tmp_path: Path) -> None:
    ada, gone = register(**person("ada@example.org")), register(**person("gone@example.org"))
    staff = employ("ops@bank.example", "Operations", PASSWORD)
    deposit(open_account(ada, 50_00, currency="EUR", label="Everyday"), 12_34, "Gift")
    call_command("archive", str(tmp_path), verbosity=0, stdout=StringIO())
    erase(gone, staff, "They asked for it")
    call_command("archive", str(tmp_path), verbosity=0, stdout=StringIO())
    before = {model: values(model) for model in (Account, Customer, Entry, User)}
    groups = [group.name for group in staff.groups.all()]
    flushed()
    output = StringIO()
    call_command("restore", str(tmp_path), stdout=output)
    assert "1 persons are erased" in output.getvalue()
    assert {model: values(model) for model in before} == before
    assert [group.name for group in User.objects.get(pk=staff.pk).groups.all()] == groups
    client = Client()
    assert client.login(username="ada@example.org", password=PASSWORD)
    assert "62.34" in client.get(f"/accounts/{Account.objects.get().pk}").content.decode()


def test_whoever_was_erased_after_the_archive_is_erased_again(tmp_path: Path, settings: Any) -> None:
    settings.ERASURE_LIST = str(tmp_path / "erasures.txt")
    gone = register(**person("gone@example.org"))
    staff = employ("ops@bank.example", "Operations", PASSWORD)
    call_command("archive", str(tmp_path / "archive"), verbosity=0, stdout=StringIO())
    erase(gone, staff, "They asked for it")
    flushed()
    call_command("restore", str(tmp_path / "archive"), stdout=StringIO())
    user = User.objects.get(customer_id=gone.customer_id)
    assert user.email.endswith("@invalid")
    assert not user.is_active
    assert Customer.objects.get().name in (None, "")
    assert Event.objects.latest("position").type == "customer.erased"
