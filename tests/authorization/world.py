"""The world of the authorization tests: an owner's accounts with one of each thing, and marks in every text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from unittest.mock import patch

from django.utils import timezone

from accounts.services.staff import SUPERUSER
from accounts.users.models import User
from accounts.users.roles import Role
from accounts.users.tokens import make_token
from eventstore.integrity.sealer import seal
from eventstore.models import Drill
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.runner.runner import Runner
from projections.models import Account, JournalLeg
from projections.statements.issuance import issue
from tests.factories import (
    PASSWORD,
    AccountFactory,
    AdjustmentFactory,
    ApprovalFactory,
    CaptureFactory,
    CustomerFactory,
    DepositFactory,
    HoldFactory,
    NewcomerFactory,
    ReversalFactory,
    StaffFactory,
    TransferFactory,
)
from tests.history import opened, paid_in, registered

OWNERS: Final = "Zaubernuss"  # in every text that the owner wrote
OTHERS: Final = "Quittenbaum"  # in every text that the other customer wrote
FRIENDS: Final = "Feuerdorn"  # in those of the owner's friend, who got money from the owner
LEAVER: Final = "Somebody Else"  # a customer without accounts
BALANCE: Final = 7_654_321  # of the owner's account, after all
BALANCES: Final = ("7654321", "76543.21", "76,543.21")  # as log, API and pages write it

ROLES: Final = (*Role, SUPERUSER)

OPEN: Final = {"category", "period", "document", "stored_name"}  # what addresses hold that is no secret


@dataclass(frozen=True)
class World:
    """People, by kind of caller, and the ids of what belongs to the owner, by their names in addresses."""

    people: Mapping[str, User]
    ids: Mapping[str, str]
    spare: Account  # of the owner, and empty
    friends: Account
    leaver: User  # a customer without accounts

    @property
    def secrets(self) -> list[str]:
        """The ids that only the owner and staff can know."""
        return [found for name, found in self.ids.items() if name not in OPEN]


def make_world() -> World:
    """Make the world by commands; the owner's account was opened long enough ago to have a statement."""
    owner, account = _owner(timezone.now() - timedelta(days=70))
    staff = {str(role): StaffFactory.create(role=role) for role in ROLES}
    other, friend = (CustomerFactory.create(name=mark, email=f"{mark}@example.org") for mark in (OTHERS, FRIENDS))
    friends = _account(friend, FRIENDS, 100)
    _busy(_account(other, OTHERS, 500))
    spare = AccountFactory.create(owner=owner, label=f"{OWNERS} spare")
    ids: dict[str, object] = {"customer_id": owner.customer_id, "account_id": account.account_id, "category": "account"}
    ids |= _history(account, friends, staff)
    ids["token_id"] = make_token(owner, f"{OWNERS} token")[0].token_id
    people = {"owner": owner, "other": other, **staff}
    leaver = NewcomerFactory.create(name=LEAVER)
    seal()
    return World(people, {name: str(found) for name, found in ids.items()}, spare, friends, leaver)


def _owner(then: datetime) -> tuple[User, Account]:
    owner = registered(then, name=OWNERS, email=f"{OWNERS.lower()}@example.org")
    owner.set_password(PASSWORD)
    owner.save()
    account = opened(owner, then, label=f"{OWNERS} account")
    paid_in(account, BALANCE + 299_000, then, f"{OWNERS} deposit")
    issue()
    return owner, account


def _account(owner: User, mark: str, balance: int) -> Account:
    account = AccountFactory.create(owner=owner, label=f"{mark} account")
    DepositFactory.create(account=account, amount=balance, reference=f"{mark} deposit")
    return account


def _busy(account: Account) -> None:
    TransferFactory.create(source=account, amount=100, reference=f"{OTHERS} transfer")
    HoldFactory.create(account=account, amount=100, reference=f"{OTHERS} hold")


def _history(account: Account, friends: Account, staff: Mapping[str, User]) -> dict[str, object]:
    """One of each thing; what is left in the account is BALANCE."""
    sent = TransferFactory.create(source=account, target=friends, amount=300_000, reference=f"{OWNERS} transfer")
    undone = DepositFactory.create(account=account, amount=100, reference=f"{OWNERS} undone").answer["entry_id"]
    CaptureFactory.create(hold=HoldFactory.create(account=account, amount=7))
    AdjustmentFactory.create(account=account, amount=7, maker=staff[Role.OPERATOR], checker=staff[Role.APPROVER])
    ReversalFactory.create(entry_id=undone, by=staff[Role.OPERATOR], reason=f"{OWNERS} reversal")
    entry = DepositFactory.create(account=account, amount=1_000, reference=f"{OWNERS} refund")
    _park(entry.position)
    Drill.objects.create(began_at=timezone.now(), source="new")
    approval = ApprovalFactory.create(account=account, amount=1, by=staff[Role.OPERATOR], reason=f"{OWNERS} approval")
    return {
        "hold_id": HoldFactory.create(account=account, amount=50, reference=f"{OWNERS} hold").hold_id,
        "entry_id": entry.answer["entry_id"],
        "transfer_id": sent.answer["transfer_id"],
        "approval_id": approval.approval_id,
        "stream_id": account.account_id,
        "period": f"{timezone.now() - timedelta(days=40):%Y-%m}",
        "key": entry.command_id,
        "document": "asyncapi",
        "stored_name": "account.opened",
    }


def _park(position: int) -> None:
    """Let the projector of journal legs fail on an event, so that its stream is parked."""
    legs = projections["journal_legs"]

    def failing_projector(event: Any, record: Any) -> Iterator[JournalLeg]:
        if record.position == position:
            raise ArithmeticError(f"{OWNERS} error")
        yield from legs.function(event, record)

    with patch.dict(projections, journal_legs=replace(legs, function=failing_projector)):
        Runner().catch_up()
