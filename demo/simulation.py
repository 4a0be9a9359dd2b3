"""The simulation behind the demo history: its steps, and the states that follow from them by the domain's rules."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from accounts.domain import rules  # noqa: F401 - importing it registers the rules
from accounts.domain.account import Account
from accounts.domain.customer import Customer
from eventstore.decider import Decision, Refused, decide, initial_state
from eventstore.messages import StreamKey, type_of

if TYPE_CHECKING:
    from demo.scene import Action

Staff = Mapping[str, str]  # role -> actor

NOTHING: Final = Decision((), {}, {})
# Refusals of `in_transaction`, which no state of a stream can predict.
REFUSED_IN_TRANSACTION: Final = ("EMAIL_TAKEN", "CUSTOMER_HAS_ACCOUNTS")


@dataclass(frozen=True, slots=True)
class Next:
    """The action that follows a step after a pause."""

    pause: timedelta
    action: "Action"


@dataclass(frozen=True, slots=True)
class Step:
    """One command with its actor and time, and the code of the refusal that is expected, if any."""

    command: Any
    actor: str  # ignored for a registration, whose sender is anonymous
    at: datetime
    refusal: str | None = None
    events: int = 0  # the number it causes, once simulated
    then: Next | None = field(default=None, compare=False)


@dataclass
class Simulation:
    """The states of all customers and accounts while the history is planned, so that actions fit them."""

    dice: Random
    staff: Staff
    states: dict[StreamKey, Any] = field(default_factory=dict)
    recipients: defaultdict[str, list[UUID]] = field(default_factory=lambda: defaultdict(list))  # by currency
    events: int = 0

    def account(self, account_id: UUID) -> Account:
        """The present state of an account."""
        account: Account = self._state(StreamKey("account", account_id))
        return account

    def customer(self, customer_id: UUID) -> Customer:
        """The present state of a customer."""
        customer: Customer = self._state(StreamKey("customer", customer_id))
        return customer

    def outcome(self, step: Step) -> Decision | None:
        """The decision over a step; `None` to drop the step, if its answer differs from the expected one."""
        if step.refusal in REFUSED_IN_TRANSACTION:
            return NOTHING
        try:
            decision = decide(step.command, self._states(step.command))
        except Refused as no:
            return NOTHING if no.refusal.code == step.refusal else None
        return None if step.refusal else decision

    def enter(self, decision: Decision) -> None:
        """Applies the decision over a step to the states."""
        self.states.update(decision.states)
        self.events += len(decision.events)

    def _states(self, command: Any) -> dict[StreamKey, Any]:
        streams = filter(None, type_of(command).streams_of(command))
        return {stream: self._state(stream) for stream in streams}

    def _state(self, stream: StreamKey) -> Any:
        found = self.states.get(stream)
        return initial_state(stream.category) if found is None else found
