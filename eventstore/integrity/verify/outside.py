"""The file of heads that are kept outside of the database: each that is this log's counts as much as one in it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from eventstore.integrity.trees import Tree
from eventstore.integrity.verify.faults import Code, Faults, Place
from eventstore.integrity.verify.heads import Origin, Sealed
from eventstore.integrity.verify.regrown import Expected
from eventstore.log.database import primary_rows
from eventstore.models import TreeHead
from eventstore.verifier.notes import DASH, Head, InvalidNote
from eventstore.verifier.seal_file import CUT_OFF

LOOKED_UP: Final = 500  # heads that are looked up in the database at a time
MARKER: Final = CUT_OFF.strip()


@dataclass
class Outside:
    """The heads of one log in such a file; those that the database has, too, are not kept in memory."""

    faults: Faults
    sealed: Sealed
    known: int = 0  # heads of this log
    foreign: int = 0  # heads of other logs
    expected: dict[Tree, list[Expected]] = field(default_factory=lambda: defaultdict(list))
    smallest: dict[Tree, int] = field(default_factory=dict)  # the size of the first head of the present epoch
    _found: set[int] = field(default_factory=set)  # ids of heads in the database that the file has, too
    _waiting: list[tuple[int, Origin, Head]] = field(default_factory=list)

    def read(self, file: Path) -> None:
        """Read a file; what is not valid in it is a fault at its line. Raises OSError if it can't be read."""
        with file.open(encoding="utf-8", errors="replace", newline="") as lines:
            for line, note in notes_in(lines):
                self._take(line, note)
        self._look_up()
        self._find_missing()
        for expected in self.expected.values():
            expected.sort(key=lambda head: head.size)

    def _take(self, line: int, note: str | None) -> None:
        if note is None:
            self._fault(Code.GARBLED, _("This is no part of a signed head."), line)
            return
        try:
            head = self.sealed.read(note)
        except InvalidNote as error:
            self._fault(Code.NOTE, _("The head that begins here is not valid: %(error)s") % {"error": error}, line)
            return
        origin = Origin.of(head.origin)
        if origin is None or origin.log_id != str(self.sealed.log_id):
            self.foreign += 1
            return
        self.known += 1
        self._waiting.append((line, origin, head))
        if len(self._waiting) >= LOOKED_UP:
            self._look_up()

    def _look_up(self) -> None:
        """Compare heads with those of the same size in the database, and keep those that it does not have."""
        waiting, self._waiting = self._waiting, []
        rows = primary_rows(TreeHead).filter(size__in={head.size for _line, _origin, head in waiting})
        stored = defaultdict[tuple[str, int, int, bytes], list[int]](list)
        for row in rows.only("id", "tree", "epoch", "size", "root"):
            stored[row.tree, row.epoch, row.size, bytes(row.root)].append(row.id)
        for line, origin, head in waiting:
            if origin.epoch == self.sealed.epoch:
                self.smallest[origin.tree] = min(head.size, self.smallest.get(origin.tree, head.size))
            same = stored.get((origin.tree, origin.epoch, head.size, head.root))
            if same:
                self._found.update(same)
            elif head.size:
                told = _("the head at line %(line)s of the file outside") % {"line": line}
                limit = self.sealed.limit(origin.tree, origin.epoch)
                self.expected[origin.tree].append(Expected(head.size, head.root, told, limit, epoch=origin.epoch))

    def _find_missing(self) -> None:
        """Find heads in the database that are not in the file: a head is kept there first, so it was cut out.

        Those from before its first head need not be there: it may have begun later.
        """
        for tree, smallest in self.smallest.items():
            heads = primary_rows(TreeHead).filter(tree=tree, epoch=self.sealed.epoch, size__gte=smallest)
            stored = heads.filter(id__lte=self.sealed.newest_id).order_by("id").values_list("id", "size")
            missing = [size for head_id, size in stored.iterator(chunk_size=2_000) if head_id not in self._found]
            if missing:
                self.faults.add(
                    Place.SEALS,
                    Code.NOT_KEPT,
                    _("%(count)s heads of the database are not in the file, the first is of %(size)s rows.")
                    % {"count": f"{len(missing):,}", "size": f"{missing[0]:,}"},
                    subject=tree,
                )

    def _fault(self, code: Code, sentence: str, line: int) -> None:
        self.faults.add(Place.SEALS, code, sentence, position=line)


def notes_in(lines: Iterable[str]) -> Iterator[tuple[int, str | None]]:
    """The notes in the lines of a file, each with the number of its first line; None for what is no part of a note.

    What a crash or a full disk has cut off is passed over, if whoever wrote next has marked it so; and so is the
    beginning of a note at the end of the file, which is being written, or was cut off just now.
    """
    block = _Block()
    for number, line in enumerate(lines, 1):
        if not line.endswith("\n"):
            return
        yield from block.take(number, line)
    if block.lines and not block.is_begun:
        yield from block.end()


@dataclass
class _Block:
    """The lines of a note so far: its text, an empty line, its signatures."""

    begin: int = 0
    lines: list[str] = field(default_factory=list)
    is_over: bool = False  # whether the empty line was there
    is_signed: bool = False

    @property
    def is_begun(self) -> bool:
        """Whether these lines are how a note begins: three lines of text, an empty one, and no signature yet."""
        return not self.is_signed and len(self.lines) <= 4 and self.is_over == (len(self.lines) == 4)

    def take(self, number: int, line: str) -> Iterator[tuple[int, str | None]]:
        """Take the next line, which may end the note."""
        if line.rstrip("\n") == MARKER:
            self.clear()
        elif line == "\n" and self.lines and not self.is_over:
            self.lines.append(line)
            self.is_over = True
        elif self.is_over and not self.is_signed and _is_torn(line.rstrip("\n")):
            return  # a mark may follow, which begins with an empty line
        elif line == "\n":
            yield from self.end()
        elif line.startswith(DASH) and self.is_over:
            self.lines.append(line)
            self.is_signed = True
        else:
            if self.is_over:
                yield from self.end()
            self.begin = self.begin if self.lines else number
            self.lines.append(line)

    def end(self) -> Iterator[tuple[int, str | None]]:
        """The note, if these lines are one."""
        if self.lines:
            yield self.begin, "".join(self.lines) if self.is_signed else None
        self.clear()

    def clear(self) -> None:
        """Forget these lines."""
        self.lines, self.is_over, self.is_signed = [], False, False


def _is_torn(line: str) -> bool:
    """Whether a line may be what is left of the beginning of a signature, or of a mark that was not written whole."""
    return line in ("\N{REPLACEMENT CHARACTER}", DASH.strip()) or MARKER.startswith(line)
