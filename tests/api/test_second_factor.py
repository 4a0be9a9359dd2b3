"""POST token with a second factor, and SIGN_IN_AGAIN for what is grave long after it."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from accounts.services.staff import SUPERUSER
from accounts.users.models import User
from accounts.users.tokens import ApiToken
from eventstore.models import Command
from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.factories import PASSWORD, AccountFactory, ApprovalFactory, CustomerFactory, StaffFactory
from tests.second_factors import age, code_of, give_app, wrong_code

pytestmark = pytest.mark.django_db

NEEDED = (401, "SECOND_FACTOR_REQUIRED", "otp")
AGAIN = (403, "SIGN_IN_AGAIN", None)
REASON = {"reason": "Asked for it"}


@pytest.fixture
def grace() -> User:
    user = CustomerFactory.create()
    give_app(user)
    return user


def ask_for_token(user: User, **more: Any) -> Answer:
    return Caller().post("token", {"email": user.email, "password": PASSWORD, **more}, key=None)


def test_the_password_alone_gives_no_token(grace: User) -> None:
    assert ask_for_token(grace).refusal == NEEDED
    assert not ApiToken.objects.exists()


def test_with_a_code_it_does(grace: User) -> None:
    answer = ask_for_token(grace, otp=code_of(grace))
    assert Caller(answer.body["token"]).get("me").status == 200


def test_with_a_recovery_code_it_does_once(grace: User) -> None:
    user = CustomerFactory.create()
    code = give_app(user)[0]
    assert ask_for_token(user, otp=code).status == 200
    assert ask_for_token(user, otp=code).refusal == NEEDED


def test_a_code_gives_one_token(grace: User) -> None:
    code = code_of(grace)
    assert [ask_for_token(grace, otp=code).status for _ in range(2)] == [200, 401]


def test_a_wrong_code_is_said_to_be_wrong_only_to_who_knows_the_password(grace: User) -> None:
    assert ask_for_token(grace, otp=wrong_code(grace)).refusal == NEEDED
    for otp in ({}, {"otp": wrong_code(grace)}, {"otp": code_of(grace)}):
        assert ask_for_token(grace, password="wrong", **otp).refusal == (401, "NOT_SIGNED_IN", None)


@pytest.mark.parametrize("otp", ["", None, 123456, [], "a\0b"])
def test_a_code_is_text(grace: User, otp: Any) -> None:
    assert ask_for_token(grace, otp=otp).refusal == (400, "MALFORMED", "otp")


def test_wrong_codes_are_throttled_and_the_right_one_then_too(grace: User, settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {**settings.ATTEMPT_RATES, "second_factor": "3/hour"}
    for _ in range(3):
        assert ask_for_token(grace, otp=wrong_code(grace)).refusal == NEEDED
    answer = ask_for_token(grace, otp=code_of(grace))
    assert answer.refusal == (429, "THROTTLED", None)
    assert 0 < int(answer.headers["Retry-After"]) <= 3_600


def test_who_has_none_needs_none_and_may_send_what_they_like(adas: Account) -> None:
    assert ask_for_token(User.objects.get(customer_id=adas.customer_id), otp="000000").status == 200


# What is grave, long after the sign-in


@pytest.fixture
def boss() -> User:
    return StaffFactory.create(role=SUPERUSER)


@pytest.fixture
def program(boss: User) -> Caller:
    """A program whose token is 31 minutes old."""
    caller = Caller.of(boss)
    boss.tokens.update(created_at=timezone.now() - timedelta(minutes=31))
    return caller


@pytest.fixture
def browser(boss: User) -> Caller:
    """A browser in which they signed in 31 minutes ago."""
    client = Client()
    client.force_login(boss)
    age(client, proved=31)
    return Caller(client=client)


@pytest.fixture
def adas() -> Account:
    return AccountFactory.create(balance=1_000)


def grave(adas: Account) -> list[tuple[str, Any]]:
    asked = ApprovalFactory.create(account=adas, amount=100)
    payload = {"account_id": str(adas.account_id), "amount": "1.00"}
    return [
        (f"customers/{CustomerFactory.create().customer_id}/erase", REASON),
        ("approvals", {"command": "AdjustBalance", "payload": payload, **REASON}),
        (f"approvals/{asked.approval_id}/approve", {}),
    ]


@pytest.mark.parametrize("door", ["program", "browser"])
def test_a_grave_command_takes_a_fresh_sign_in(request: pytest.FixtureRequest, adas: Account, door: str) -> None:
    caller: Caller = request.getfixturevalue(door)
    for path, body in grave(adas):
        before = Command.objects.count()
        assert caller.post(path, body).refusal == AGAIN, path
        assert caller.post(path, body, dry_run=1).refusal == AGAIN, path
        assert Command.objects.count() == before


@pytest.mark.parametrize("mode", ["each", "atomic"])
def test_so_it_does_in_bulk(program: Caller, adas: Account, mode: str) -> None:
    for number, (path, body) in enumerate(grave(adas)):
        harmless = {"path": f"accounts/{adas.account_id}/freeze", "body": {"scope": "debits", **REASON}}
        items = [{**harmless, "key": f"freeze {number}"}, {"path": path, "body": body, "key": f"grave {number}"}]
        answer = program.post("bulk", {"mode": mode, "items": items})
        if mode == "atomic":
            assert (answer.status, answer.code, answer.body["details"]) == (403, "SIGN_IN_AGAIN", {"index": 1})
        else:
            assert [item["status"] for item in answer.body["results"]] == [200, 403]
            assert answer.body["results"][1]["body"]["code"] == "SIGN_IN_AGAIN"


def test_the_key_is_free_for_the_fresh_token(program: Caller, boss: User, adas: Account) -> None:
    asked = grave(adas)
    for path, body in asked:
        assert program.post(path, body, key=path).refusal == AGAIN
    fresh = Caller.of(boss)
    for path, body in asked:
        assert fresh.post(path, body, key=path).status in {200, 201}, path


def test_everything_else_goes_on(program: Caller, adas: Account) -> None:
    assert program.post(f"accounts/{adas.account_id}/freeze", {"scope": "debits", **REASON}).status == 200
    assert program.get("audit").status == 200


def test_who_may_not_do_it_at_all_is_told_that(adas: Account) -> None:
    auditor = StaffFactory.create(role="auditor")
    caller = Caller.of(auditor)
    auditor.tokens.update(created_at=timezone.now() - timedelta(minutes=31))
    assert caller.post(f"customers/{adas.customer_id}/erase", REASON).refusal == (403, "FORBIDDEN", None)
