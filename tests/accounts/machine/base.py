"""The base of a walk: the model, a world beside it, and the comparison of their answers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.domain.commands import Deposit, OpenAccount, SetLimits
from tests.accounts.machine.books import Person
from tests.accounts.machine.model import Model
from tests.accounts.machine.strategies import ACCOUNTS, ADA, BOB, LONG_AGO, STAFF, START, ZONES, Nearly


class World(Protocol):
    """The side that is compared with the model: it executes commands for real."""

    def take(self, command: Any, actor: str, now: datetime) -> str | None:
        """Decide over a command; the code if it is refused."""

    def agree(self, model: Model) -> None:
        """Assert that all state agrees with the model."""

    def available(self, account_id: UUID) -> int:
        """The available amount of an account, in minor units."""


STEPS: dict[str, st.SearchStrategy[Any]] = {}
LIKELY: list[str] = []  # the names of all steps, each as often as it is likely

M = TypeVar("M", bound=Callable[..., None])


def step(likely: int = 1, **details: st.SearchStrategy[Any]) -> Callable[[M], M]:
    """Declare a step of a walk: its parameters, and how likely it is.

    As rules of their own, Hypothesis would leave out most of them in each walk.
    """

    def register(method: M) -> M:
        STEPS[method.__name__] = st.tuples(st.just(method.__name__), st.fixed_dictionaries(details))
        LIKELY.extend([method.__name__] * likely)
        return method

    return register


class Base(RuleBasedStateMachine):
    """The model, the world and the rule that takes steps."""

    world: World
    has_sign_ins = False  # whether the world knows who has which e-mail

    def enter(self) -> World:
        """A new world in which Ada and Bob have registered."""
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.world = self.enter()
        self.model = Model(START, {who: Person(email=f"{who}@example.org") for who in (ADA, BOB)})
        self.ids = 1_000
        for account, owner, zone in zip(ACCOUNTS, [ADA, ADA, BOB], ZONES, strict=False):
            self.take(OpenAccount(account, owner, "EUR", LONG_AGO, timezone=zone), "anybody")
            self.take(Deposit(account, owner, self.new_id(), 200, LONG_AGO), "anybody")
            self.take(SetLimits(account, daily_out=150), STAFF[0])

    @rule(step=st.deferred(lambda: st.sampled_from(LIKELY)).flatmap(STEPS.__getitem__))
    def go_on(self, step: tuple[str, dict[str, Any]]) -> None:
        name, details = step
        getattr(self, name)(**details)

    @invariant()
    def everything_agrees(self) -> None:
        self.world.agree(self.model)

    def take(self, command: Any, actor: str) -> bool:
        """Send a command to the model and to the world; whether both accepted it."""
        expected = self.model.apply(command)
        code = self.world.take(command, actor, self.model.now)
        assert code in expected if expected else code is None, (command, expected, code)
        return code is None

    def spend(self, command: Any, account_id: UUID) -> None:
        """Send a debit by a customer, which may not make the available amount negative."""
        before = self.world.available(account_id) if account_id in self.model.books else 0
        if self.take(command, f"customer:{command.customer_id}"):
            after = self.world.available(account_id)
            assert after >= min(before, 0), (command, before, after)

    def new_id(self) -> UUID:
        self.ids += 1
        return UUID(int=self.ids)

    def sender(self, account_id: UUID, own: bool) -> UUID:
        """The customer who sends a command: the owner of the account if `own`, else the other customer."""
        book = self.model.books.get(account_id)
        owner = book.owner if book else ADA
        return owner if own else BOB if owner == ADA else ADA

    def of(self, account_id: UUID, amount: int | Nearly) -> int:
        """An amount as a number."""
        book = self.model.books.get(account_id)
        if isinstance(amount, int) or book is None:
            return amount if isinstance(amount, int) else amount.off
        left_today = (book.daily_out or 0) - book.left_on(book.day(self.model.now))
        return (book.available, book.per_entry or 0, left_today)[amount.edge] + amount.off

    @step(likely=3, by=st.timedeltas(timedelta(0), timedelta(hours=30)))
    def wait(self, by: timedelta) -> None:
        self.model.now += by
