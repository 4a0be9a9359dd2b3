"""A sample: some streams from end to end, with their heads and commands, and some ranges of the trees."""

from collections.abc import Iterator, Sequence
from random import SystemRandom
from typing import Any, Final
from uuid import UUID

from django.db.models import Max, Min
from django.utils.translation import gettext as _

from eventstore.backends import store
from eventstore.integrity import trees
from eventstore.integrity.trees import COLUMNS, HASH, WIDTH, Tree
from eventstore.integrity.verify.commands import CommandPass
from eventstore.integrity.verify.events import EventPass
from eventstore.integrity.verify.faults import Code, Place
from eventstore.integrity.verify.heads import Sealed
from eventstore.integrity.verify.keys import KeyPass
from eventstore.integrity.verify.outside import Outside
from eventstore.integrity.verify.pairs import Pairs
from eventstore.integrity.verify.regrown import StoredTiles
from eventstore.integrity.verify.report import Report
from eventstore.integrity.verify.rows import Row, WholeHead, decode
from eventstore.integrity.verify.start import ROWS
from eventstore.integrity.verify.states import States
from eventstore.integrity.verify.streams import StreamPass
from eventstore.log.database import primary_rows
from eventstore.models import Event
from eventstore.projecting.replay import Progress
from eventstore.verifier.merkle import entry, leaf_hash, range_root

PAGE: Final = 5_000
IDS: Final = 500  # commands that are looked up at a time


def verify_sample(report: Report, sealed: Sealed, outside: Outside, progress: Progress) -> None:
    """Verify as many streams, and as many ranges of each tree, as the scope says, taken at random."""
    chosen, size = SystemRandom(), report.scope.sample
    keys = KeyPass(report.faults, are_missed=not report.scope.without_keys)
    for stream_id in _some_streams(size, chosen):
        _verify_stream(report, stream_id, keys, progress)
    for tree in Tree:
        sealed_tree = SampledTree(report, tree)
        for place in chosen.sample(range(sealed_tree.tiles), min(size, sealed_tree.tiles)):
            sealed_tree.compare_tile(place)
        sealed_tree.compare_heads(sealed, outside)
    report.told.append(
        _("This was a sample: what it did not look at is trusted. Only a run without --sample proves that all is well.")
    )


def _verify_stream(report: Report, stream_id: UUID, keys: KeyPass, progress: Progress) -> None:
    """Verify a stream with its head, its persons' keys, and the commands that caused its events."""
    pairs = Pairs(report.faults, to=report.mark.position, number=report.mark.number)
    events = EventPass(report.faults, None, pairs, 0, report.mark.position, keys=keys)
    version = 0
    while rows := _page(stream_id, version, events.to):
        events.take(rows)
        version = rows[-1][4]
        _verify_commands(report, pairs, rows)
        pairs.settle(rows[-1][0])
        report.events += len(rows)
        progress(len(rows))
    pairs.end()
    _verify_head(report, stream_id)


def _page(stream_id: UUID, version: int, to: int) -> list[Row]:
    where = "stream_id = %s AND version > %s AND position <= %s ORDER BY version"
    return store().whole_events(where, [str(stream_id), version, to], PAGE)


def _verify_commands(report: Report, pairs: Pairs, rows: Sequence[Row]) -> None:
    commands = CommandPass(report.faults, None, pairs, 0, report.mark.number)
    for ids in _in_parts(sorted({command_id for row in rows if (command_id := _command_of(row))})):
        where, parameters = store().any_of("command_id", ids)
        found = store().whole_commands(f"{where} ORDER BY number", parameters, len(ids))
        commands.take(found)
        report.commands += len(found)


def _verify_head(report: Report, stream_id: UUID) -> None:
    streams = StreamPass(report.faults, States())
    for row in store().whole_heads(UUID(int=stream_id.int - 1), 1):
        if row[0] == str(stream_id):
            for _count in streams.take([WholeHead(*row)]):
                pass
    if not streams.count:
        report.faults.add(Place.STREAMS, Code.NO_HEAD, _("It has events, but no head."), subject=str(stream_id))
    report.streams += 1
    report.folded += streams.events
    report.outdated += streams.outdated


class SampledTree:
    """A tree of which some tiles are compared with the rows, and the newest head with the tiles."""

    def __init__(self, report: Report, tree: Tree) -> None:
        self.report, self.tree = report, tree
        self.size = trees.size(tree)
        self.tiles = -(-self.size // WIDTH)
        self._stored = StoredTiles(tree)

    def compare_tile(self, place: int) -> None:
        """Compare a tile of level 0 with the rows whose leaves it holds."""
        tile = self._stored.at(0, place)
        leaves = min(WIDTH, self.size - place * WIDTH)
        if tile is None or tile[0] is None or len(tile[1]) < leaves * HASH:
            self._fault(Code.TILE, _("A tile of the tree is missing here, or cut short."), None)
            return
        column = COLUMNS[self.tree]
        found = primary_rows(ROWS[self.tree]).filter(**{f"{column}__gte": tile[0]}).order_by(column)
        rows = [(at, bytes(digest)) for at, digest in found.values_list(column, "digest")[:leaves]]
        own = [leaf_hash(entry(*row)) for row in rows]
        stored = [tile[1][at * HASH : at * HASH + HASH] for at in range(leaves)]
        for (position, _digest), mine, theirs in zip(rows, own, stored, strict=False):
            if mine != theirs:
                self._fault(Code.LEAF, _("The row here is not the one that became a leaf of the tree."), position)
                return
        if len(own) < leaves:
            self._fault(Code.CUT_OFF, _("Rows that the tree was made of are missing at its end."), tile[0])

    def compare_heads(self, sealed: Sealed, outside: Outside) -> None:
        """Compare the newest head in the database, and those that only the file outside has, with the tiles."""
        head = trees.newest_head(self.tree)
        known = [(head.size, bytes(head.root), str(head))] if head and sealed.epoch == head.epoch else []
        kept = [(one.size, one.root, one.told) for one in outside.expected[self.tree] if one.epoch == sealed.epoch]
        node = trees.node(self.tree)
        for size, root, told in (*known, *kept):
            try:
                is_same = not size or range_root(node, 0, size) == root
            except LookupError:
                is_same = False
            if not is_same:
                self._fault(
                    Code.ROOT, _("The tiles of the tree do not give the root of %(head)s.") % {"head": told}, None
                )

    def _fault(self, code: Code, sentence: str, position: int | None) -> None:
        self.report.faults.add(Place.TREES, code, sentence, position=position, subject=self.tree)


def _some_streams(size: int, chosen: SystemRandom) -> list[UUID]:
    """Streams at random positions: a long one is taken more often than a short one."""
    ends = primary_rows(Event).aggregate(first=Min("position"), last=Max("position"))
    if ends["last"] is None:
        return []
    positions = [chosen.randint(ends["first"], ends["last"]) for _place in range(size)]
    found = (primary_rows(Event).filter(position__gte=at).order_by("position") for at in positions)
    return list(dict.fromkeys(each.values_list("stream_id", flat=True)[0] for each in found))


def _command_of(row: Row) -> UUID | None:
    try:
        return UUID(decode(row[8])["command_id"])
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


def _in_parts(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(ids), IDS):
        yield ids[begin : begin + IDS]
