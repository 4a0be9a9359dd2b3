"""Rules: a second writer, which takes long to commit. Only where a database takes several writers."""

from functools import partial
from uuid import UUID

from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from eventstore import log
from tests.conformance.sessions import OtherSession, other_session
from tests.eventstore.machine.base import EngineMachine, amounts
from tests.eventstore.sample import Counted

SECOND_WRITERS_TALLY = UUID(int=20)  # for the second writer alone, as its head is locked for long


class SecondWriterRules(EngineMachine):
    """A second writer, whose positions lie below those of others who commit earlier."""

    session: OtherSession | None = None

    @precondition(lambda self: connection.vendor != "sqlite" and not self.hidden)
    @rule(appended=st.lists(amounts, min_size=1, max_size=2))
    def second_writer_appends(self, appended: list[int]) -> None:
        self.session = self.session or self.stack.enter_context(other_session())
        self.session.begin()
        events = [Counted(SECOND_WRITERS_TALLY, amount, 50) for amount in appended]
        records = self.session(partial(log.append, "tally", SECOND_WRITERS_TALLY, events, actor="bob"))
        self.hidden = {record.position: record.event for record in records}

    @precondition(lambda self: self.hidden)
    @rule(rolls_back=st.booleans())
    def second_writer_ends(self, rolls_back: bool) -> None:
        assert self.session
        appended, self.hidden = self.hidden, {}
        if rolls_back:
            self.session.roll_back()
            return
        self.session.commit()
        for position, event in appended.items():
            self.model.append(position, event)
