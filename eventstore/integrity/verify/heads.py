"""Signed heads: those in the database, one after the other in the order of their sizes, and those kept outside."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from eventstore.integrity.trees import COLUMNS, Tree
from eventstore.integrity.verify.faults import Code, Faults, Place
from eventstore.integrity.verify.regrown import Expected
from eventstore.integrity.verify.start import ROWS
from eventstore.log.database import primary_rows
from eventstore.models import Epoch, Tile, TreeHead
from eventstore.verifier.notes import Head, InvalidNote, Key, opened, read_head

PAGE: Final = 2_000


@dataclass(frozen=True)
class Origin:
    """Whose head a note is, as the first line of its text has it: `name/log id/epoch/tree`."""

    log_id: str
    epoch: int
    tree: Tree

    @classmethod
    def of(cls, text: str) -> "Origin | None":
        """The origin in such a line; None for one of another form."""
        parts = text.rsplit("/", 3)
        if len(parts) != 4 or not parts[2].isascii() or not parts[2].isdigit() or parts[3] not in Tree.values:
            return None
        return cls(parts[1], int(parts[2]), Tree(parts[3]))


@dataclass
class Sealed:
    """The log's epochs, and the keys by which its heads are signed; what its heads say is compared with them."""

    faults: Faults
    keys: Sequence[Key]
    epochs: Sequence[Epoch]
    newest_id: int  # the id of the newest head when the run began: later ones may lie beyond the mark
    heads: dict[Tree, int] = field(default_factory=dict)  # how many there are in the database

    @property
    def log_id(self) -> UUID | None:
        """The id of the log."""
        return self.epochs[-1].log_id if self.epochs else None

    @property
    def epoch(self) -> int:
        """The present epoch."""
        return self.epochs[-1].epoch if self.epochs else 0

    def limit(self, tree: Tree, epoch: int) -> int | None:
        """The last position, or number, that the later epochs have kept of one; None for the present one."""
        ends = [each.position if tree == Tree.EVENTS else each.number for each in self.epochs if each.epoch > epoch]
        return min(ends, default=None)

    def largest(self, tree: Tree) -> int:
        """The size of the largest head of the present epoch in the database; 0 if it has none yet."""
        return self._heads(tree).filter(epoch=self.epoch).aggregate(size=Max("size"))["size"] or 0

    def limit_of_tiles(self, tree: Tree) -> int | None:
        """The last position, or number, whose leaf is sure to be this epoch's: before its first seal it has no others.

        None if all are; then the tiles were made, or made anew, since it began.
        """
        if self.epoch <= 1 or self.largest(tree):
            return None
        return self.limit(tree, self.epoch - 1)

    def find_strays(self) -> None:
        """Find heads and tiles of trees that there are not: such a row was changed, and is missing elsewhere."""
        for model in (TreeHead, Tile):
            strays = primary_rows(model).exclude(tree__in=Tree.values).count()
            if strays:
                problem = _("%(count)s %(rows)s name a tree that there is not.")
                named = {"count": strays, "rows": model._meta.verbose_name_plural}
                self.faults.add(Place.TREES, Code.NOTE if model is TreeHead else Code.TILE, problem % named)

    def in_database(self, tree: Tree) -> Iterator[Expected]:
        """The heads of a tree in the order of their sizes; what is wrong with a head by itself is told on the way."""
        after = (-1, 0)
        self.heads[tree] = 0
        while heads := self._page(tree, after):
            for head in heads:
                self.heads[tree] += 1
                if self._is_right(tree, head) and head.size:
                    told = _("the head that was signed at %(at)s") % {"at": f"{head.signed_at:%Y-%m-%d %H:%M:%S}"}
                    limit = self.limit(tree, head.epoch)
                    yield Expected(head.size, bytes(head.root), told, limit, head.position, epoch=head.epoch)
            after = heads[-1].size, heads[-1].id

    def _page(self, tree: Tree, after: tuple[int, int]) -> list[TreeHead]:
        size, last = after
        heads = self._heads(tree)
        same = heads.filter(size=size, id__gt=last).order_by("id")[:PAGE]
        larger = heads.filter(size__gt=size).order_by("size", "id")[:PAGE]
        return list(same) or list(larger)

    def _heads(self, tree: Tree) -> "QuerySet[TreeHead]":
        return primary_rows(TreeHead).filter(tree=tree, id__lte=self.newest_id)

    def _is_right(self, tree: Tree, head: TreeHead) -> bool:
        """Whether a head is signed, and its row says what its note says."""
        try:
            note = self.read(head.note)
        except InvalidNote as error:
            problem = _("The note of a head of %(size)s rows is not valid: %(error)s")
            self._fault(tree, problem % {"size": head.size, "error": error}, head)
            return False
        origin = Origin.of(note.origin)
        own = Origin(str(self.log_id), head.epoch, tree)
        is_same = (note.size, note.root) == (head.size, bytes(head.root)) and origin == own
        if not is_same or head.epoch > self.epoch:
            problem = _("The row of a head of %(size)s rows says something else than its signed note.")
            self._fault(tree, problem % {"size": head.size}, head)
        if head.timestamp and hashlib.sha256(head.note.encode()).digest() not in bytes(head.timestamp):
            problem = _("The time stamp of a head of %(size)s rows is not over its note.")
            self._fault(tree, problem % {"size": head.size}, head)
        return is_same

    def read(self, note: str) -> Head:
        """The head in a note; raises InvalidNote unless a known key has signed it."""
        return read_head(opened(note, self.keys)[0])

    def _fault(self, tree: Tree, sentence: str, head: TreeHead) -> None:
        self.faults.add(Place.TREES, Code.NOTE, sentence, position=head.position, subject=tree)


def left_over(faults: Faults, sealed: Sealed, tree: Tree, rest: Sequence[Expected], size: int) -> list[Expected]:
    """Tell of heads that are larger than the tree: its tail is gone. Returns those whose tail an epoch has lost."""
    lost = [head for head in rest if head.epoch < sealed.epoch]
    gone = [head for head in rest if head.epoch >= sealed.epoch]
    if gone:
        largest = max(gone, key=lambda head: head.size)
        faults.add(
            Place.TREES,
            Code.CUT_OFF,
            _("%(missing)s rows are missing at the end: %(head)s covers %(sealed)s, and there are %(size)s.")
            % {
                "missing": f"{largest.size - size:,}",
                "head": largest.told,
                "sealed": f"{largest.size:,}",
                "size": f"{size:,}",
            },
            subject=tree,
        )
    return lost


def tell_losses(
    faults: Faults, sealed: Sealed, tree: Tree, lost: Sequence[Expected], accepted: Collection[int]
) -> list[str]:
    """What later epochs have lost of sealed rows, in words; a fault unless the epoch is accepted.

    The reason of an epoch is in the database, whose owner could have written it; what is accepted is said elsewhere.
    """
    told = []
    for epoch in sorted({head.epoch for head in lost}):
        next_epoch = next(each for each in sealed.epochs if each.epoch > epoch)
        largest = max(head.size for head in lost if head.epoch == epoch)
        kept = primary_rows(ROWS[tree]).filter(**{f"{COLUMNS[tree]}__lte": sealed.limit(tree, epoch)}).count()
        sentence = _(
            "Epoch %(epoch)s (%(cause)s: %(reason)s) has lost %(count)s rows of the tree of %(tree)s that were sealed."
        ) % {
            "epoch": next_epoch.epoch,
            "cause": next_epoch.get_cause_display(),
            "reason": " ".join(next_epoch.reason.split()) or _("no reason is given"),
            "count": f"{largest - kept:,}",
            "tree": tree.label,
        }
        told.append(sentence)
        if next_epoch.epoch not in accepted:
            faults.add(Place.EPOCHS, Code.LOST, sentence, subject=tree)
    return told
