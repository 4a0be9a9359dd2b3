"""Seals: both trees are extended to the tidemark, and their heads are signed, kept outside, and stored, in this order.

A head that is outside but not in the database does no harm: the tree that it is the head of is stored by then, and the
next seal signs one that follows from it. One in the database alone could be taken back, and nobody would know.
"""

import logging
from dataclasses import dataclass, field
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from eventstore import feed
from eventstore.backends import in_database, log_database
from eventstore.integrity import outside, seal_keys, time_stamps, trees, witness
from eventstore.integrity.others import NoAnswer
from eventstore.integrity.trees import OnPage, Tree, TreeDiffers
from eventstore.log.database import now, primary_rows
from eventstore.log.identity import Identity, identity
from eventstore.models import TreeHead
from eventstore.verifier import merkle, notes

__all__ = ["Sealer", "TreeDiffers", "origin", "seal"]

logger = logging.getLogger(__name__)


def seal() -> list[TreeHead]:
    """Seal both trees as far as the tidemark; returns the heads that are new. Raises what `Sealer.seal` does."""
    sealer = Sealer()
    return [head for tree in Tree if (head := sealer.seal(tree))]


def origin(tree: Tree, of: Identity) -> str:
    """The first line of a tree's heads, which names it for all time: the site, the log, its epoch, and which tree."""
    return f"{seal_keys.name()}/{of.log_id}/{of.epoch}/{tree}"


class _Start(NamedTuple):
    """What a seal begins with, and what must still be so when its head is stored."""

    identity: Identity
    newest: TreeHead | None

    @property
    def note(self) -> str:
        """The note of the newest head; empty if there is none."""
        return self.newest.note if self.newest else ""

    @property
    def head(self) -> notes.Head | None:
        """The newest head as it was signed."""
        return notes.read_head(self.note) if self.newest else None


@dataclass
class Sealer:
    """Seals trees, again and again, and tells once of each trouble with others.

    `on_page` is called with how many rows each page had that became leaves; what it raises ends the seal.
    """

    on_page: OnPage | None = None
    _told: dict[str, str] = field(default_factory=dict)

    def seal(self, tree: Tree) -> TreeHead | None:
        """Seal a tree as far as the tidemark; None if there is nothing new, or if another program was faster.

        Raises TreeDiffers rather than sign what does not follow from what was signed before, ImproperlyConfigured
        without a key, and OSError if the head can't be kept outside.
        """
        with in_database():
            seal_keys.signing_key()  # without one, no tree is made
            start = _Start(identity(), trees.newest_head(tree))
            self._extend(tree, start)
            size, position = trees.end(tree)
            if not size:
                return None
            node = trees.node(tree)
            head = notes.Head(origin(tree, start.identity), size, merkle.range_root(node, 0, size))
            kept = outside.newest(head.origin, seal_keys.known_keys())
            _must_follow(head, node, start.head, kept)
            if _is_signed(head, start):
                if kept != head:
                    outside.append(start.note)
                note = self._cosigned(start.note, node, start)
                if note == start.note:
                    return None
            else:
                note = self._cosigned(_signed(head, start), node, start)
            row = TreeHead(
                tree=tree,
                epoch=start.identity.epoch,
                size=size,
                position=position,
                root=head.root,
                note=note,
                timestamp=self._stamp(note),
                signed_at=now(),
            )
            return _store(row, start)

    def _extend(self, tree: Tree, start: _Start) -> None:
        mark = feed.advance()
        to = mark.position if tree == Tree.EVENTS else mark.number
        try:
            trees.extend(tree, to, self.on_page)
        except TreeDiffers:
            if start.newest and start.newest.epoch == start.identity.epoch:
                raise
            trees.clear(tree)  # what was lost before this epoch began is no leaf of it
            trees.extend(tree, to, self.on_page)

    def _cosigned(self, note: str, node: merkle.Node, start: _Start) -> str:
        """The note with the witness's signature, if there is one and it answers."""
        if not witness.is_asked():
            return note
        try:
            if witness.has_cosigned(note):
                return note
            is_same_log = start.head is not None and start.head.origin == notes.read_head(note).origin
            old = start.head.size if start.head and is_same_log and witness.has_cosigned(start.note) else 0
            note = witness.cosigned(note, node, old)
        except (NoAnswer, ImproperlyConfigured) as error:
            self._tell("witness", f"No head is witnessed until this is over; it is tried again each time. {error}")
        else:
            self._tell("witness", "")
        return note

    def _stamp(self, note: str) -> bytes | None:
        """The note's time stamp, if somebody is asked for it and answers."""
        try:
            stamp = time_stamps.stamp(note)
        except NoAnswer as error:
            self._tell("time stamp", f"Heads are without time stamps until this is over. {error}")
            return None
        self._tell("time stamp", "")
        return stamp

    def _tell(self, of: str, trouble: str) -> None:
        before = self._told.get(of, "")
        if trouble and trouble != before:
            logger.warning("%s", trouble)
        elif before and not trouble:
            logger.warning("The %s is there again.", of)
        self._told[of] = trouble


def _must_follow(head: notes.Head, node: merkle.Node, *earlier: notes.Head | None) -> None:
    """Raise TreeDiffers unless the tree has grown out of its earlier heads: a log may sign nothing else, ever."""
    for before in earlier:
        if before is None or before.origin != head.origin:
            continue
        if before.size > head.size or merkle.range_root(node, 0, before.size) != before.root:
            raise TreeDiffers(
                f"What is stored does not follow from the head over {before.size:,} leaves that was signed for "
                f"{head.origin}, so nothing is signed. Run: manage.py verify . If a backup was restored, a new epoch "
                "has to begin."
            )


def _is_signed(head: notes.Head, start: _Start) -> bool:
    """Whether the newest head is this one, and signed by the key that signs now."""
    return start.head == head and seal_keys.public(seal_keys.signing_key()) in _signers(start.note)


def _signed(head: notes.Head, start: _Start) -> str:
    """The head as a note, signed by the present key; by the one before as well, if this is the present key's first."""
    present, *others = seal_keys.private_keys()
    before = _signers(start.note)
    is_first = bool(before) and seal_keys.public(present) not in before
    signers = [present, *(key for key in others if is_first and seal_keys.public(key) in before)]
    return f"{head.text}\n{''.join(notes.sign(head.text, seal_keys.name(), key) for key in signers)}"


def _signers(note: str) -> list[notes.Key]:
    """Those of our keys that have signed a note."""
    try:
        return notes.opened(note, seal_keys.known_keys())[1]
    except notes.InvalidNote:
        return []


def _store(row: TreeHead, start: _Start) -> TreeHead | None:
    """Keep a head outside, then in the database; None if another program has stored one meanwhile."""
    with transaction.atomic(using=log_database()):
        trees.lock(Tree(row.tree))
        if trees.newest_head(Tree(row.tree)) != start.newest or identity() != start.identity:
            return None
        outside.append(row.note)
        primary_rows(TreeHead).bulk_create([row])
    return row
