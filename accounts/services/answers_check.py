"""The check of answers, for `manage.py verify`: what a sender was told, against the events of the command.

A digest covers an answer, and a sealed tree covers the digest. This finds an answer that was edited since the last
seal, with a digest that fits. What the events do not say (`available`) is looked up in the account's state, for
commands that no seal covers yet.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from accounts.domain import commands, events
from accounts.domain.rules import ACCOUNTS
from eventstore import feed, log
from eventstore.integrity.checks import Finding, check_answers, check_site
from eventstore.log import CommandRecord, Recorded
from eventstore.messages import type_of
from eventstore.models import Event, TreeHead

LATEST: Final = 10_000  # commands without a seal that are looked at; of more, the last
SUMS: Final = ("balance", "held", "currency", "label")  # which events say by the same names
BY_STATE: Final = ("balance", "held", "available", "currency", "status", "overdraft_limit")
STATUS: Final[Mapping[type[Any], str]] = {
    events.CustomerSuspended: "suspended",
    events.CustomerReinstated: "active",
    events.CustomerErased: "erased",
    events.AccountFrozen: "frozen",
    events.AccountClosed: "closed",
    events.ApprovalRequested: "open",
    events.ApprovalGranted: "granted",
    events.ApprovalRefused: "refused",
    events.ApprovalWithdrawn: "withdrawn",
}


@check_answers(
    commands.SuspendCustomer,
    commands.ReinstateCustomer,
    commands.EraseCustomer,
    commands.RegisterCustomer,
    commands.UpdateCustomerDetails,
    commands.ChangeEmail,
    commands.ReleaseEmail,
    commands.OpenAccount,
    commands.RenameAccount,
    commands.CloseAccount,
    commands.Deposit,
    commands.Withdraw,
    commands.Transfer,
    commands.PlaceHold,
    commands.CaptureHold,
    commands.ReleaseHold,
    commands.SetOverdraftLimit,
    commands.SetLimits,
    commands.FreezeAccount,
    commands.UnfreezeAccount,
    commands.ReverseEntry,
    commands.RequestApproval,
    commands.Approve,
    commands.Refuse,
    commands.WithdrawRequest,
)
def answers_as_recorded(command: CommandRecord, recorded: Sequence[Recorded[Any]]) -> Iterator[str]:
    """What an answer says otherwise than the command and its events: ids, sums, statuses."""
    answer = command.response
    for source, expected in (("the command", _ids(command.command, answer)), ("its events", _facts(command, recorded))):
        if not expected.items() <= answer.items():
            yield from _differences(answer, expected, source)


def _differences(answer: Mapping[str, Any], expected: Mapping[str, Any], source: str) -> Iterator[str]:
    for name, value in expected.items():
        if name in answer and answer[name] != value:
            yield f"The answer says {name} {answer[name]}, {source} says {value}."


def _ids(command: Any, answer: Iterable[str]) -> dict[str, str]:
    """The ids that an answer has from its command."""
    given = {name: getattr(command, name) for name in _names_of_ids(command.__class__, tuple(answer))}
    if isinstance(command, commands.Transfer):
        given["entry_id"] = command.sent_entry_id
    elif isinstance(command, commands.ReverseEntry):
        given |= {"entry_id": command.leg.undone_by, "reverses": command.leg.entry_id}
    return {name: str(value) for name, value in given.items() if value is not None}


@lru_cache  # all commands are looked at, and few kinds of them there are
def _names_of_ids(kind: Any, answer: tuple[str, ...]) -> list[str]:
    """The names of an answer by which a kind of commands has an id."""
    named = [name for name in answer if name.endswith("_id") or name == "sweep_to"]
    return [name for name in named if name in _fields(kind) or hasattr(kind, name)]


@lru_cache
def _fields(kind: Any) -> frozenset[str]:
    return frozenset(field.name for field in fields(kind))


@lru_cache
def _sums(kind: Any) -> list[str]:
    """Which sums a kind of events tells."""
    return [name for name in SUMS if name in _fields(kind)]


def _facts(command: CommandRecord, recorded: Sequence[Recorded[Any]]) -> dict[str, Any]:
    """What the events of a command say of the things that its answer tells, after the last of them."""
    own, category = account_of(command.command), command.type.partition(".")[0]
    facts: dict[str, Any] = {}
    for record in recorded:
        if record.stream_id == own:
            for name in _sums(record.event.__class__):
                facts[name] = getattr(record.event, name)
            if isinstance(record.event, events.AccountOpened):
                facts |= {"balance": 0, "available": 0}
        if record.category == category and type(record.event) in STATUS:
            facts["status"] = STATUS[type(record.event)]
    return facts


def account_of(command: Any) -> UUID | None:
    """The account whose sums the answer to a command tells; None for a command about something else."""
    if not _is_about_an_account(command.__class__):
        return None
    account_id: UUID | None = getattr(command, "from_account", None) or getattr(command, "account_id", None)
    return account_id


@lru_cache
def _is_about_an_account(kind: Any) -> bool:
    return type_of(kind).category == ACCOUNTS.category


@check_site
def answers_without_a_seal() -> Iterator[Finding]:
    """What the latest answers say otherwise than the state of their account; sealed ones can't be edited unnoticed."""
    told: dict[UUID, dict[int, CommandRecord]] = defaultdict(dict)  # by account, and its version after the command
    for command, version in _with_versions(_unsealed()):
        if account_id := account_of(command.command):
            told[account_id][version] = command
    for account_id, by_version in told.items():
        yield from _of_account(account_id, by_version)


def _unsealed() -> list[CommandRecord]:
    head = TreeHead.objects.filter(tree=TreeHead.Tree.COMMANDS).order_by("-position").first()
    end = feed.mark().number
    after = max(head.position if head else 0, end - LATEST)
    found: list[CommandRecord] = []
    while page := feed.read_commands(after, end):
        found += [each for each in page if each.accepted and set(BY_STATE) & each.response.keys()]
        after = page[-1].number
    return found


def _with_versions(found: Sequence[CommandRecord]) -> Iterator[tuple[CommandRecord, int]]:
    """Commands that have changed their account, with its version afterwards."""
    for start in range(0, len(found), 500):
        part = found[start : start + 500]
        positions = [position for command in part for position in command.positions]
        rows = Event.objects.filter(position__in=positions).values_list("position", "stream_id", "version")
        places = {position: (stream_id, version) for position, stream_id, version in rows}
        for command in part:
            own = [places.get(position, (None, 0)) for position in command.positions]
            versions = [version for stream_id, version in own if stream_id == account_of(command.command)]
            if versions:
                yield command, max(versions)


def _of_account(account_id: UUID, by_version: Mapping[int, CommandRecord]) -> Iterator[Finding]:
    state = ACCOUNTS.first_state
    for record in log.read_stream(account_id, to=max(by_version)):
        state = ACCOUNTS.fold(state, [record.event])
        if command := by_version.get(record.version):
            expected = {name: getattr(state, name) for name in BY_STATE}
            for problem in _differences(command.response, expected, "the account"):
                yield Finding(f"command {command.number}", problem)
