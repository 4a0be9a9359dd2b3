"""The walks of `docs/architecture.md` name what really runs: each function and class of a list is used on that way."""

import re
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.users.models import User
from projections.models import Account
from tests.architecture.test_docs import CODE, PATH, ROOT
from tests.factories import AccountFactory, StaffFactory

PROMISES = "eventstore/backends/base.py"  # what each backend keeps under the same names

pytestmark = pytest.mark.django_db(transaction=True)

Used = set[tuple[str, str]]  # path and name


@pytest.fixture
def account() -> Account:
    return AccountFactory.create(balance=100_00)


@pytest.fixture
def owner(account: Account) -> Client:
    client = Client()
    client.force_login(User.objects.get(customer_id=account.customer_id))
    return client


def test_a_withdrawal_from_the_page(account: Account, owner: Client) -> None:
    def withdraw() -> None:
        form = {"command_id": uuid4(), "amount": "1.00", "reference": ""}
        answer = owner.post(f"/accounts/{account.account_id}/withdraw", form)
        assert owner.get(answer["Location"]).status_code == 200

    assert missing("A withdrawal, from the page", withdraw) == []


def test_a_deposit_by_the_api(account: Account, owner: Client) -> None:
    def deposit() -> None:
        for amount, status in ("1.00", 201), ("a lot", 422):
            answer = owner.post(
                f"/api/v1/accounts/{account.account_id}/deposits",
                {"amount": amount},
                content_type="application/json",
                headers={"Idempotency-Key": amount},
            )
            assert answer.status_code == status

    assert missing("A deposit, by the API", deposit) == []


def test_a_staff_action(account: Account) -> None:
    client = Client()
    client.force_login(StaffFactory.create(role="operator"))

    def freeze() -> None:
        address = f"/admin/actions/freeze/{account.account_id}/"
        assert client.get(address).status_code == 200
        form = {"command_id": uuid4(), "scope": "debits", "reason": "Card lost"}
        answer = client.post(address, form)
        assert client.get(answer["Location"]).status_code == 200

    assert missing("A staff action: freezing an account", freeze) == []


@pytest.mark.usefixtures("account")
def test_a_rebuild() -> None:
    assert missing("A rebuild", lambda: call_command("rebuild_projections", verbosity=0)) == []


def missing(walk: str, work: Callable[[], object]) -> list[tuple[str, str]]:
    """The functions and classes that a walk names, and that the work does not use."""
    used = _used_by(work)
    return [named for named in _named_in(walk) if named not in used]


def _named_in(walk: str) -> list[tuple[str, str]]:
    """Paths and last names; constants are used without a call, and promises by those who keep them."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    (section,) = re.findall(rf"^### {re.escape(walk)}\n(.*?)(?=^#|\Z)", page, re.MULTILINE | re.DOTALL)
    found = [match for code in CODE.findall(section) if (match := PATH.fullmatch(code)) and match[2]]
    names = [(match[1], match[2].rpartition(".")[2]) for match in found if match[1] != PROMISES]
    assert names
    return sorted({(path, name) for path, name in names if not name.isupper()})


def _used_by(work: Callable[[], object]) -> Used:
    used: Used = set()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call":
            path = frame.f_code.co_filename.removeprefix(f"{ROOT}/")
            # A decorator runs once, when its module is imported; on the way runs the function that it has made.
            used.update((path, name) for name in frame.f_code.co_qualname.split("."))
            used.update(_classes_of(frame.f_locals.get("self")))

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return used


def _classes_of(thing: object) -> Used:
    return {(f"{kind.__module__.replace('.', '/')}.py", kind.__name__) for kind in type(thing).__mro__}
