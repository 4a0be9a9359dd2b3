"""Imports the history of a demo world into the log: each command with its own `recorded_at`.

Several commands share a transaction, which makes it fast. An interrupted import leaves whole transactions, and goes on
after the key of the last command.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby, islice
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.domain.commands import Deposit, EraseCustomer, RegisterCustomer, ReleaseEmail, Withdraw
from accounts.services.erasure import erase_personal_data
from accounts.services.registration import anonymous_actor
from accounts.users.models import User
from accounts.users.sign_ins import make_sign_in, release_sign_in
from demo.actions import BANK
from demo.history import planned
from demo.simulation import Staff, Step
from demo.world import World, parse_key
from eventstore.errors import BackwardsInTime
from eventstore.execute import CommandRequest, Receipt, command_id_of, execute, execute_many
from eventstore.log import log_database
from eventstore.models import Command, Event

BATCH: Final = 250  # commands in one transaction, for which a running site may have to wait

SIGN_IN_COMMANDS: Final = (RegisterCustomer, ReleaseEmail, EraseCustomer)

KeyedStep = tuple[str, Step]


TOO_LATE: Final = (
    "The site was used before this demo world was complete. History only goes forward, so the rest can't be brought in "
    "any more; what is there is left alone. Go on with it (make run DEMO=0), or start anew with an empty database."
)


class CannotImport(Exception):
    """The log holds another history, so this one, or the rest of it, can't be imported."""


@dataclass(frozen=True)
class ImportTask:
    """A world to import, and how many of its commands are stored already."""

    world: World
    done: int = 0
    complete: bool = False

    def steps(self, staff: Staff) -> tuple[int, Iterator[KeyedStep]]:
        """The number of events that are stored, and the steps that are not."""
        if self.complete:
            return self.world.events, iter(())
        steps = planned(self.world, staff)
        return sum(step.events for _, step in islice(steps, self.done)), steps


def find_task(now: datetime, customers: int | None = None, events: int | None = None) -> ImportTask:
    """The world that the log holds, whole or in part; for an empty log, a new one of this size.

    Raises CannotImport if the log holds something else, or a world of another size.
    """
    commands = Command.objects.order_by("number").values_list("key", flat=True)
    first, last = commands.first(), commands.last()
    if first is None and not Event.objects.exists():
        return ImportTask(World.up_to(now.date(), customers, events))
    found = parse_key(first or "")
    if found is None:
        raise CannotImport(
            "There is a history in this database already, and it is not that of a demo world. Demo data needs an empty "
            "database: give another DATABASE_URL, or go on without demo data (make run DEMO=0)."
        )
    world, _ = found
    _must_be_of_size(world, customers, events)
    return ImportTask(world, complete=True) if _is_complete(world) else ImportTask(world, _done(world, last or ""))


def import_steps(steps: Iterator[KeyedStep], progress: Callable[[int], object]) -> int:
    """Executes the steps and returns the number of commands; `progress` gets the number of events of each transaction.

    Raises CannotImport if the site records an event meanwhile: history only goes forward.
    """
    commands = 0
    while batch := list(islice(steps, BATCH)):
        try:
            with transaction.atomic(using=log_database()):
                _execute_batch(batch)
        except BackwardsInTime as error:
            raise CannotImport(TOO_LATE) from error
        commands += len(batch)
        progress(sum(step.events for _, step in batch))
    return commands


def _must_be_of_size(world: World, customers: int | None, events: int | None) -> None:
    if (customers or world.customers, events or world.events) != (world.customers, world.events):
        raise CannotImport(
            f"This database holds the demo world of {world.customers:,} customers and {world.events:,} events. "
            "One of another size needs an empty database; this one is left alone."
        )


def _is_complete(world: World) -> bool:
    last = command_id_of(BANK, world.last_key)
    return Command.objects.filter(command_id=last).exists()


def _done(world: World, last_key: str) -> int:
    found = parse_key(last_key)
    if found is None or found[0] != world or found[1] is None:
        raise CannotImport(TOO_LATE)
    return found[1] + 1


def _execute_batch(batch: Sequence[KeyedStep]) -> None:
    """Executes steps in their order, many at once; those that touch a sign-in, one by one."""
    for is_alone, group in groupby(batch, lambda keyed: isinstance(keyed[1].command, SIGN_IN_COMMANDS)):
        steps = list(group)
        receipts = [_execute(*keyed) for keyed in steps] if is_alone else execute_many([_request(*k) for k in steps])
        for (_, step), receipt in zip(steps, receipts, strict=True):
            _must_be_as_planned(step, receipt)


def _request(key: str, step: Step) -> CommandRequest:
    command = step.command
    effective_at = command.effective_at if isinstance(command, Deposit | Withdraw) else None
    return CommandRequest(command=command, key=key, actor=step.actor, effective_at=effective_at, recorded_at=step.at)


def _execute(key: str, step: Step) -> Receipt:
    """Executes a command that touches a sign-in; customers register with confirmed e-mails, without passwords."""
    actor, in_transaction = step.actor, _side_effect(step.command)
    if isinstance(step.command, RegisterCustomer | ReleaseEmail):
        actor = anonymous_actor(str(step.command.email))
    return execute(step.command, key, actor=actor, recorded_at=step.at, in_transaction=in_transaction)


def _side_effect(command: Any) -> Callable[[], object]:
    match command:
        case RegisterCustomer(customer_id=customer_id, email=str(email)):
            return partial(make_sign_in, email, make_password(None), customer_id, confirmed=True)
        case EraseCustomer(customer_id=customer_id):
            return partial(erase_personal_data, customer_id)
        case ReleaseEmail(customer_id=customer_id, email=str(email)):
            return partial(_release, email, customer_id)
        case command:
            raise TypeError(f"{command} touches no sign-in.")


def _release(email: str, customer_id: UUID) -> None:
    """Takes an e-mail back, as if it had never been confirmed."""
    User.objects.filter(customer_id=customer_id).update(email_confirmed_at=None)
    release_sign_in(email, customer_id)


def _must_be_as_planned(step: Step, receipt: Receipt) -> None:
    code = receipt.refusal.code if receipt.refusal else None
    if code != step.refusal:
        raise CannotImport(
            f"{step.command} was to be answered with {step.refusal or 'yes'}, not with {code or 'yes'}: "
            "the rules have changed since this history was planned."
        )
