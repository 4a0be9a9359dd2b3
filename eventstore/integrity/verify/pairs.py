"""Commands against events: each command's events are there and are its own, and each event's command is there.

Both are read in their orders at the same time. A command's number and its events' positions are drawn together, so a
command and its events come close to each other, and few wait in memory.
"""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from eventstore.backends import store
from eventstore.integrity.checks import AnswerCheck, answer_checks
from eventstore.integrity.verify.faults import Code, Faults, Place
from eventstore.integrity.verify.rows import MALFORMED, Row, decode, records_of, stored_commands
from eventstore.log import codec
from eventstore.log.records import CommandRecord, Recorded

MAX_WAITING: Final = 20_000  # events, or commands, that wait for the others in memory
CHECKED_AT_ONCE: Final = 500  # commands whose answers are checked together
SAME: Final = ("actor", "correlation_id")  # of the metadata of a command and its events

Claim = tuple[Row, dict[str, Any], tuple[int, ...]]  # a command, its metadata, and the positions that it names
Record = Recorded[Any] | None  # None for an event that can't be decoded
Caused = tuple[Row, dict[str, Any], datetime, Record]  # an event, its metadata, the time of the one before it, decoded


class Pairs:
    """Matches commands with their events."""

    def __init__(self, faults: Faults, *, since: int = 0, to: int, number: int) -> None:
        """For events after a position, up to one, and commands up to a number."""
        self.faults, self.since, self.to, self.number = faults, since, to, number
        self.events: dict[int, Caused] = {}  # events whose command has not been seen
        self.commands: deque[Claim] = deque()  # commands whose events have not all been read
        self.reached = since  # the position up to which events have been read
        self._answered: list[tuple[Row, list[Record]]] = []

    @property
    def is_behind(self) -> bool:
        """Whether commands are to be read before more events are: those of events that were read are missing."""
        return len(self.events) > MAX_WAITING or (
            bool(self.events) and not (self.commands and self.commands[-1][2][-1] >= self.reached)
        )

    def event(self, row: Row, metadata: dict[str, Any], before: datetime, record: Record) -> None:
        """Note an event that names a command."""
        self.events[row[0]] = row, metadata, before, record

    def command(self, row: Row, metadata: dict[str, Any], positions: tuple[int, ...]) -> None:
        """Note an accepted command with events."""
        self.commands.append((row, metadata, positions))

    def settle(self, reached: int) -> None:
        """Match what has come, all events up to a position having been read."""
        self.reached = reached
        waiting = deque[Claim]()
        while self.commands:
            claim = self.commands.popleft()
            if claim[2][-1] > reached:
                waiting.append(claim)
            else:
                self._match(claim)
        self.commands = waiting
        self._check_answers(CHECKED_AT_ONCE)

    def shed(self) -> None:
        """Look up the commands of events that have waited too long, when no more commands come."""
        if len(self.events) > MAX_WAITING:
            self._look_up_commands()

    def end(self) -> None:
        """Match what is left over when all has been read: at both ends the stores need not have the same rows."""
        for claim in self.commands:
            self._match(claim)
        self.commands.clear()
        self._look_up_commands()
        self._check_answers(0)

    def _match(self, claim: Claim) -> None:
        row, metadata, positions = claim
        own = list[Record]()
        for position in positions:
            caused = self.events.get(position)
            if caused is None:
                caused = self._elsewhere(position)
            if caused is None or caused[1].get("command_id") != row[1]:
                problem = _("no event is there") if caused is None else _("that is another command's")
                self._fault(
                    Code.POSITIONS,
                    _("It says that it caused the event at %(position)s, but %(problem)s.")
                    % {"position": position, "problem": problem},
                    row,
                )
                return
            self.events.pop(position, None)
            self._compare(row, metadata, caused)
            own.append(caused[3])
        if row[5] in answer_checks:
            self._answered.append((row, own))

    def _elsewhere(self, position: int) -> Caused | None:
        """An event beyond the part that is read, or one that was looked up before."""
        for event in store().whole_events("position = %s", [position], 1):
            with suppress(*MALFORMED):
                metadata = decode(event[8])
                return (event, metadata, event[9], records_of([event])[0]) if "command_id" in metadata else None
        return None

    def _compare(self, row: Row, metadata: dict[str, Any], caused: Caused) -> None:
        event, described, before, _record = caused
        for name in SAME:
            if described.get(name) != metadata.get(name):
                self.faults.add(
                    Place.EVENTS,
                    Code.METADATA,
                    _("Its %(name)s is another than that of its command, number %(number)s.")
                    % {"name": name, "number": row[0]},
                    position=event[0],
                )
        # A clock that was set back, or closed time, lets an event have the time of the one before it.
        if event[9] != row[12] and not (event[9] > row[12] and event[9] == before):
            self.faults.add(
                Place.EVENTS,
                Code.METADATA,
                _("It was recorded at another time than its command, number %(number)s.") % {"number": row[0]},
                position=event[0],
            )

    def _look_up_commands(self) -> None:
        """Look up the commands of events that none of those that were read has claimed."""
        waiting = list(self.events.items())
        self.events.clear()
        for begin in range(0, len(waiting), CHECKED_AT_ONCE):
            page = waiting[begin : begin + CHECKED_AT_ONCE]
            ids = {_id(caused[1].get("command_id")) for _position, caused in page} - {None}
            where, parameters = store().any_of("command_id", list(ids))
            found = {row[1]: row for row in store().whole_commands(where, parameters, len(ids))} if ids else {}
            for position, caused in page:
                self._claimed(position, caused, found.get(str(caused[1].get("command_id"))))

    def _claimed(self, position: int, caused: Caused, row: Row | None) -> None:
        if row is None:
            code, problem = Code.NO_COMMAND, _("It names a command that is not there.")
        elif not _names(row, position):
            code, problem = (
                Code.POSITIONS,
                _("It names command number %(number)s, which does not name it.") % {"number": row[0]},
            )
        else:
            return
        self.faults.add(Place.EVENTS, code, problem, position=position, subject=str(caused[0][3]))

    def _check_answers(self, fewest: int) -> None:
        """Run the project's checks of answers, once enough of them wait."""
        if len(self._answered) <= fewest:
            return
        answered, self._answered = self._answered, []
        commands = self._commands([row for row, _own in answered])
        for command, (row, own) in zip(commands, answered, strict=True):
            records = [record for record in own if record is not None]
            if command is None or len(records) < len(own):
                self._fault(Code.UNREADABLE, _("It, or an event of its, can't be decoded."), row)
                continue
            for check in answer_checks[command.type].values():
                self._problems(check, command, records, row)

    def _commands(self, rows: Sequence[Row]) -> list[CommandRecord | None]:
        """Commands as the domain's classes, as `records_of` gives events."""
        try:
            return [*codec.command_records(stored_commands(rows))]
        except Exception:
            if len(rows) == 1:
                return [None]
            middle = len(rows) // 2
            return self._commands(rows[:middle]) + self._commands(rows[middle:])

    def _problems(self, check: AnswerCheck, command: CommandRecord, own: Sequence[Recorded[Any]], row: Row) -> None:
        try:
            for problem in check(command, own):
                self._fault(Code.ANSWER, problem, row)
        except Exception as error:
            self._fault(Code.ANSWER, _("The check of its answer failed: %(error)r") % {"error": error}, row)

    def _fault(self, code: Code, sentence: str, row: Row) -> None:
        self.faults.add(Place.COMMANDS, code, sentence, position=row[0])


def _id(value: Any) -> UUID | None:
    try:
        return UUID(value)
    except (TypeError, ValueError, AttributeError):
        return None


def _names(row: Row, position: int) -> bool:
    """Whether a command names a position among those of its events."""
    try:
        return position in decode(row[11])
    except MALFORMED:
        return False
