"""One pass over the commands in the order of their numbers: digests, ids, metadata."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from eventstore.execution.requests import command_id_bytes
from eventstore.integrity.verify.faults import Code, Faults, Place
from eventstore.integrity.verify.pages import Pages
from eventstore.integrity.verify.pairs import Pairs
from eventstore.integrity.verify.regrown import Regrown
from eventstore.integrity.verify.rows import MALFORMED, Row, WholeCommand, canonical, decode, encode, fits_rewritten

LAST: Final = 2**63 - 1  # no position is above it, and no database takes one as a parameter


class CommandPass:
    """The pass: it goes on as far as the events that were read need it."""

    def __init__(self, faults: Faults, tree: Regrown | None, pairs: Pairs, after: int, to: int) -> None:
        self.faults, self.tree, self.pairs = faults, tree, pairs
        self.at = after
        self._stored = Pages(faults, Place.COMMANDS, to)
        self.count = 0
        self.is_over = False

    def page(self) -> int:
        """Take the next page, and return the number of commands in it; 0 when there are no more."""
        rows = self._stored.after(self.at)
        if rows:
            self.take(rows)
            self.at = rows[-1][0]
            self.count += len(rows)
        self.is_over = not rows
        return len(rows)

    def take(self, rows: Sequence[Row]) -> None:
        """Check the commands of a page."""
        leaves = [self._take(row) for row in rows]
        if self.tree is not None:
            self.tree.extend(leaves, [row[0] for row in rows])

    def _take(self, row: Row) -> bytes:
        """Check a command, and return the hash of its leaf."""
        sha256 = hashlib.sha256
        number, command_id, actor, key, print_, name, schema, data, stored, accepted, response, _p, at, digest = row
        try:
            described = decode(stored)
            parts = (stored, data, response)
            texts = parts if type(data) is bytes else (encode(described), canonical(data), canonical(response))
            envelope = encode((command_id, actor, key, print_, name, schema, accepted, at))
            fits = sha256(b"\n".join((envelope, *texts))).digest() == digest
            positions = tuple(decode(row[11]))
            own = command_id_bytes(actor, key).hex() == command_id.replace("-", "")
            described_well = described["command_id"] == command_id and described["actor"] == actor
            if not (fits and own and described_well) or (positions and not accepted) or not _rise(positions):
                self._explain(row, described, positions, fits=fits, own=own)
            elif positions:
                self.pairs.command(row, described, positions)
            return sha256(b"\x00" + number.to_bytes(8, "big") + digest).digest()
        except (*MALFORMED, LookupError) as error:
            self._fault(Code.UNREADABLE, _("It can't be read as a command: %(error)s.") % {"error": error}, row)
            return sha256(b"").digest()

    def _explain(
        self, row: Row, described: dict[str, Any], positions: tuple[int, ...], *, fits: bool, own: bool
    ) -> None:
        """Say what is wrong with a command, the cause before its consequences."""
        if not fits and not _fits_rewritten(WholeCommand(*row)):
            self._fault(
                Code.DIGEST, _("Its digest does not fit: it, or its answer, was changed since it was written."), row
            )
        elif not own:
            self._fault(Code.COMMAND_ID, _("Its id is not the one that its actor and key give."), row)
        elif described["command_id"] != row[1] or described["actor"] != row[2]:
            self._fault(Code.METADATA, _("Its metadata name another command, or another actor."), row)
        elif positions and not row[9]:
            self._fault(Code.POSITIONS, _("It was refused, but names events."), row)
        elif not _rise(positions):
            self._fault(Code.POSITIONS, _("The positions of its events do not rise."), row)
        if positions and _rise(positions) and row[9]:
            self.pairs.command(row, described, positions)

    def _fault(self, code: Code, sentence: str, row: Row) -> None:
        self.faults.add(Place.COMMANDS, code, sentence, position=row[0])


def _fits_rewritten(command: WholeCommand) -> bool:
    envelope = encode((*command[1:7], command.accepted, command.recorded_at))
    return fits_rewritten(command.digest, (envelope,), (command.metadata, command.data, command.response))


def _rise(positions: tuple[Any, ...]) -> bool:
    before = 0
    for each in positions:
        if type(each) is not int or not before < each <= LAST:
            return False
        before = each
    return True
