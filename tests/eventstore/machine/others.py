"""Rules: somebody else writes, and takes long to commit. Only where there may be several writers."""

from functools import partial
from uuid import UUID

from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from eventstore import log
from tests.conformance.sessions import Elsewhere, elsewhere
from tests.eventstore.machine.base import Base, amounts
from tests.eventstore.sample import Counted

THEIRS = UUID(int=20)  # nobody else's, as its head is locked for long


class Others(Base):
    """A second writer, whose positions lie below those of others who commit earlier."""

    session: Elsewhere | None = None

    @precondition(lambda self: connection.vendor != "sqlite" and not self.hidden)
    @rule(told=st.lists(amounts, min_size=1, max_size=2))
    def they_write(self, told: list[int]) -> None:
        self.session = self.session or self.stack.enter_context(elsewhere())
        self.session.begin()
        events = [Counted(THEIRS, amount, 50) for amount in told]
        records = self.session(partial(log.append, "tally", THEIRS, events, actor="bob"))
        self.hidden = {record.position: record.event for record in records}

    @precondition(lambda self: self.hidden)
    @rule(they_change_their_mind=st.booleans())
    def they_end(self, they_change_their_mind: bool) -> None:
        assert self.session
        told, self.hidden = self.hidden, {}
        if they_change_their_mind:
            self.session.roll_back()
            return
        self.session.commit()
        for position, event in told.items():
            self.model.append(position, event)
