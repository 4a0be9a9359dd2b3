"""A process of a site on the primary or on the read database: `python -m tests.replication.node`."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.deploy.recovery import site  # first of all: it sets Django up

from django.db import close_old_connections  # isort: skip
from django.utils import timezone  # isort: skip
from accounts.domain.commands import Deposit  # isort: skip
from accounts.services.staff import SUPERUSER  # isort: skip
from accounts.users.models import User  # isort: skip
from eventstore import feed  # isort: skip
from eventstore.backends import store  # isort: skip
from eventstore.errors import EventStoreError  # isort: skip
from eventstore.execute import execute  # isort: skip
from eventstore.models import Event  # isort: skip
from eventstore.projecting import wait_for  # isort: skip
from eventstore.projecting.declaration.registry import projections  # isort: skip
from eventstore.projecting.inspect import status  # isort: skip
from projections.models import Account  # isort: skip
from tests.factories import CustomerFactory, employ_before_facts, erase  # isort: skip

NAME = "Emmy Noether"


def connected_anew(task: Callable[..., Any]) -> Callable[..., Any]:
    """The task, on a connection that was looked at first: who sets a read database up ends the others'."""

    def run(*arguments: Any) -> Any:
        close_old_connections()
        return task(*arguments)

    return run


def mark() -> list[int]:
    """The tidemark, raised as far as it goes; and what was drawn, or is as far as the mark."""
    found = feed.advance(timeout=10)
    return [found.position, found.number, *store().last_drawn()]


def tables() -> dict[str, str]:
    """The table of each read model, by its projection."""
    return {name: projection.table.name for name, projection in projections.items()}


def wait(position: int, names: list[str], seconds: float) -> list[bool]:
    """Whether each of these read models has passed a position in time."""
    return [wait_for(position, name, seconds) for name in names]


def deposit() -> list[str]:
    """The error of a deposit that is executed here, and its sentence."""
    account = Account.objects.order_by("opened_at").first()
    assert account
    order = Deposit(account.account_id, account.customer_id, uuid4(), 1, timezone.now())
    try:
        execute(order, uuid4(), actor="somebody")
    except EventStoreError as error:
        return [type(error).__name__, str(error)]
    return []


def register_one() -> str:
    """A new customer's id."""
    return str(CustomerFactory.create(name=NAME).customer_id)


def erase_one(customer_id: str) -> None:
    """Erase a customer."""
    by = employ_before_facts(f"{uuid4()}@example.org", SUPERUSER, "not told")
    erase(User.objects.get(customer_id=customer_id), by, "They have asked for it.")


def last() -> int:
    """The last position that is stored here, whether the mark has passed it or not."""
    return Event.objects.order_by("-position").values_list("position", flat=True).first() or 0


def lag() -> dict[str, Any]:
    """The state and the position of each projection."""
    return {each.name: [each.mode, each.state, each.position, each.lag] for each in status()}


site.TASKS.update({each.__name__: each for each in (mark, tables, wait, deposit, register_one, erase_one, last, lag)})
site.TASKS.update({name: connected_anew(task) for name, task in site.TASKS.items()})

if __name__ == "__main__":
    site.main()
