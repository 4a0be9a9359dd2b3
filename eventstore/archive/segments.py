"""Writes the rows of a store into segments: full ones once for ever, and the rest into one that grows.

One thread reads. Another one makes columns of what was read, hashes, compresses, and forces files to the disk. The
database, Arrow, zstd and the disk all work without Python's lock, so the two keep two cores busy.
"""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from eventstore.archive import columns, rows
from eventstore.archive.errors import CannotArchive
from eventstore.archive.format import Count, Segment, Tree, segment_rows
from eventstore.archive.leaves import frontier_of, leaves_of, subtrees_of
from eventstore.archive.lines import SHOWN_DIGITS
from eventstore.archive.places import Place
from eventstore.verifier.merkle import Frontier

NUMBERS = {"events": "position", "commands": "number"}  # the column by which rows are in order
PROGRESS = "progress"  # full segments of a run that has not come to its end
SAVED_EVERY = 8  # full segments
AHEAD = 2  # pages that may be read before they are converted

Schemas = dict[str, list[int]]


class Progress(msgspec.Struct):
    """The full segments that a run has written by now, so that the next one need not, if this one is killed."""

    log_id: str
    epoch: Count
    segments: dict[str, list[Segment]]
    schemas: dict[str, Schemas]

    def save(self, place: Place) -> None:
        """Write it down."""
        place.write(PROGRESS, msgspec.json.encode(self))


def progress_at(place: Place, log_id: str, epoch: int) -> Progress:
    """What an earlier run of the same log and epoch has left; else nothing."""
    try:
        left = msgspec.json.decode(place.read(PROGRESS), type=Progress)
    except (FileNotFoundError, msgspec.MsgspecError):
        left = None
    is_ours = left is not None and (left.log_id, left.epoch) == (log_id, epoch)
    return left if left and is_ours else Progress(log_id, epoch, {}, {})


@dataclass(frozen=True)
class _Converted:
    """A page of rows, ready to be written."""

    table: pa.Table
    leaves: list[bytes]


@dataclass(frozen=True)
class _Written:
    """A segment that lies in the archive."""

    segment: Segment
    subtrees: list[bytes]  # roots of the complete subtrees over its leaves
    schemas: set[tuple[str, int]]


@contextmanager
def second_thread() -> Iterator[ThreadPoolExecutor]:
    """The thread that writes; if the block fails, what waits for it is dropped."""
    pool = ThreadPoolExecutor(1, "archive")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


class TreeWriter:
    """Writes the rows of a store after the full segments that are known, up to a position or number."""

    def __init__(
        self, place: Place, name: str, left: Progress, pool: ThreadPoolExecutor, done: Callable[[int], object]
    ) -> None:
        self.place, self.name, self.left, self.pool, self.done = place, name, left, pool, done
        self.segments = left.segments[name]
        self.schemas = left.schemas.setdefault(name, {})
        self.tail: _Written | None = None  # a last segment that is not full
        self.begun: Future[_Written] | None = None  # the segment that is being written

    def read(self, to: int) -> None:
        """Read all the rows up to there; at the end, the last segment may still be in the other thread."""
        after, number = self.segments[-1].last if self.segments else 0, len(self.segments)
        while True:
            pages = list[Future[_Converted]]()
            after, rows_read = self._read_segment(after, to, pages)
            if rows_read:
                self._take()
                self.begun = self.pool.submit(_write, self.place, self.name, number, pages)
                number += 1
            if rows_read < segment_rows():
                return

    def tree(self) -> Tree:
        """The tree over all segments, once they are written."""
        self._take()
        segments = self.segments
        sealed = [segment for segment in segments if segment.rows == segment_rows()]
        tail = (self.tail.segment.rows, self.tail.subtrees) if self.tail else (0, [])
        frontier = frontier_of(sealed, *tail)
        return Tree(
            size=frontier.size,
            first=segments[0].first if segments else 0,
            last=segments[-1].last if segments else 0,
            root=frontier.root().hex(),
            segments=segments,
        )

    def _read_segment(self, after: int, to: int, pages: "list[Future[_Converted]]") -> tuple[int, int]:
        """Read the rows of one segment into pages; the last one's position, and how many there are.

        The other thread converts them. Few wait for it, as they are in memory.
        """
        rows_read = 0
        while page := rows.read(self.name, after, to, segment_rows() - rows_read):
            pages.append(self.pool.submit(_convert, self.name, page))
            after, rows_read = page.last, rows_read + page.rows
            if len(pages) > AHEAD:
                pages[-AHEAD].result()
            if rows_read == segment_rows():
                break
        return after, rows_read

    def _take(self) -> None:
        """Wait for the segment that is being written: so no more than two are in memory."""
        if self.begun is None:
            return
        written, self.begun = self.begun.result(), None
        self.segments.append(written.segment)
        for name, version in written.schemas:
            self.schemas[name] = sorted({*self.schemas.get(name, []), version})
        self.done(written.segment.last)
        if written.segment.rows < segment_rows():
            self.tail = written
        elif len(self.segments) % SAVED_EVERY == 0:
            self.left.save(self.place)


def _convert(name: str, page: rows.Page) -> _Converted:
    table = page.table()
    positions, digests = table[NUMBERS[name]].to_pylist(), table["digest"].to_pylist()
    return _Converted(table.drop_columns("digest"), leaves_of(positions, digests))


def _write(place: Place, name: str, number: int, pages: "list[Future[_Converted]]") -> _Written:
    """Write one segment and its leaves. The pages were given to the same thread before, so they are converted."""
    converted = [page.result() for page in pages]
    table = pa.concat_tables([page.table for page in converted])
    leaves = [leaf for page in converted for leaf in page.leaves]
    positions = table[NUMBERS[name]]
    if not pc.all(pc.greater(positions[1:], positions[:-1]), min_count=0).as_py():
        raise CannotArchive(f"The database gave {name} out of order. This is a fault of the program: report it.")
    content, over = columns.encode(name, table), b"".join(leaves)
    subtrees = subtrees_of(leaves)
    digest = hashlib.sha256(content).hexdigest()
    stem = f"{name}/{number:08}-{digest[:SHOWN_DIGITS]}"
    place.write(f"{stem}.leaves", over)
    place.write(f"{stem}.parquet", content)
    segment = Segment(
        name=f"{stem}.parquet",
        rows=len(leaves),
        bytes=len(content),
        sha256=digest,
        first=positions[0].as_py(),
        last=positions[-1].as_py(),
        root=Frontier(len(leaves), subtrees).root().hex(),
        leaves=f"{stem}.leaves",
        leaves_sha256=hashlib.sha256(over).hexdigest(),
    )
    written = _Written(segment, subtrees, _schemas(table))
    del converted, table, positions, content, over
    pages.clear()
    pa.default_memory_pool().release_unused()  # or it keeps what the largest segment took
    return written


def _schemas(table: pa.Table) -> set[tuple[str, int]]:
    """The types of some rows, with their schema versions."""
    found = table.select(["type", "schema_version"]).group_by(["type", "schema_version"]).aggregate([]).to_pylist()
    return {(row["type"], row["schema_version"]) for row in found}
