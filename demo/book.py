"""The demo history's book: its steps, and what it knows of itself so far, by the rules of the house."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from accounts.domain import rules  # noqa: F401 - importing it makes them known
from accounts.domain.account import Account
from accounts.domain.customer import Customer
from eventstore.decider import Decision, Refused, decide, initial_state
from eventstore.messages import StreamKey, type_of

if TYPE_CHECKING:
    from demo.scene import Act

Staff = Mapping[str, str]  # who acts in each role

NOTHING: Final = Decision((), {}, {})
BESIDE_THE_RULES: Final = (
    "EMAIL_TAKEN",
    "CUSTOMER_HAS_ACCOUNTS",
)  # found out by `in_transaction`, where a stream can't know


@dataclass(frozen=True, slots=True)
class Next:
    """What somebody is going to do after a pause."""

    pause: timedelta
    act: "Act"


@dataclass(frozen=True, slots=True)
class Step:
    """One command: who sends it, when, and the code of the refusal if one is to come."""

    command: Any
    actor: str  # of no account for a registration: whoever registers is a stranger
    at: datetime
    refusal: str | None = None
    events: int = 0  # how many come of it, once that is known
    then: Next | None = field(default=None, compare=False)


@dataclass
class Book:
    """All customers and accounts as they are while the history is planned, so that people do what they can."""

    dice: Random
    staff: Staff
    states: dict[StreamKey, Any] = field(default_factory=dict)
    recipients: defaultdict[str, list[UUID]] = field(default_factory=lambda: defaultdict(list))  # by currency
    events: int = 0

    def account(self, account_id: UUID) -> Account:
        """An account as it is now."""
        account: Account = self._state(StreamKey("account", account_id))
        return account

    def customer(self, customer_id: UUID) -> Customer:
        """A customer likewise."""
        customer: Customer = self._state(StreamKey("customer", customer_id))
        return customer

    def outcome(self, step: Step) -> Decision | None:
        """What comes of a step; `None` if it is answered otherwise than it expects, so that nobody takes it."""
        if step.refusal in BESIDE_THE_RULES:
            return NOTHING
        try:
            decision = decide(step.command, self._states(step.command))
        except Refused as no:
            return NOTHING if no.refusal.code == step.refusal else None
        return None if step.refusal else decision

    def enter(self, decision: Decision) -> None:
        """Take note of what came of a step."""
        self.states.update(decision.states)
        self.events += len(decision.events)

    def _states(self, command: Any) -> dict[StreamKey, Any]:
        streams = filter(None, type_of(command).streams_of(command))
        return {stream: self._state(stream) for stream in streams}

    def _state(self, stream: StreamKey) -> Any:
        found = self.states.get(stream)
        return initial_state(stream.category) if found is None else found
