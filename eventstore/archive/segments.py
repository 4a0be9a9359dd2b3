"""Writes the rows of a store into segments: full ones once for ever, and the rest into one that grows."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from eventstore.archive import columns, rows
from eventstore.archive.format import Count, Segment, Tree, segment_rows
from eventstore.archive.leaves import frontier_of, leaves_of, root_of
from eventstore.archive.lines import SHOWN_DIGITS
from eventstore.archive.places import Place

NUMBERS = {"events": "position", "commands": "number"}  # the column by which rows are in order
PROGRESS = "progress"  # full segments of a run that has not come to its end
SAVED_EVERY = 8  # full segments

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


def write_tree(place: Place, store: str, left: Progress, *, to: int, done: Callable[[int], object]) -> Tree:
    """Write the rows after the full segments that are known, up to a position or number; the tree over all of them."""
    segments, tail = left.segments[store], list[bytes]()
    left.schemas.setdefault(store, {})
    while found := rows.read(store, segments[-1].last if segments else 0, to, segment_rows()):
        segment, leaves = _write(place, store, len(segments), found)
        _add_schemas(left.schemas[store], found)
        done(segment.rows)
        segments.append(segment)
        if segment.rows < segment_rows():
            tail = leaves
            break
        if len(segments) % SAVED_EVERY == 0:
            left.save(place)
    frontier = frontier_of([segment for segment in segments if segment.rows == segment_rows()])
    for leaf in tail:
        frontier.append(leaf)
    return Tree(
        size=frontier.size,
        first=segments[0].first if segments else 0,
        last=segments[-1].last if segments else 0,
        root=frontier.root().hex(),
        segments=segments,
    )


def _write(place: Place, store: str, number: int, found: rows.Columns) -> tuple[Segment, list[bytes]]:
    """Write one segment and its leaves."""
    positions: Sequence[int] = found[NUMBERS[store]]
    leaves = leaves_of(positions, found["digest"])
    content, over = columns.encode(store, found), b"".join(leaves)
    digest = hashlib.sha256(content).hexdigest()
    stem = f"{store}/{number:08}-{digest[:SHOWN_DIGITS]}"
    place.write(f"{stem}.leaves", over)
    place.write(f"{stem}.parquet", content)
    segment = Segment(
        name=f"{stem}.parquet",
        rows=len(positions),
        bytes=len(content),
        sha256=digest,
        first=positions[0],
        last=positions[-1],
        root=root_of(leaves).hex(),
        leaves=f"{stem}.leaves",
        leaves_sha256=hashlib.sha256(over).hexdigest(),
    )
    return segment, leaves


def _add_schemas(known: Schemas, found: rows.Columns) -> None:
    """Add the types in some rows, with their schema versions."""
    for name, version in set(zip(found["type"], found["schema_version"], strict=True)):
        versions: set[Any] = {*known.get(name, []), version}
        known[name] = sorted(versions)
