"""What lies in an archive, as `docs/archive-format.md` has it: the manifest and what it says of each file."""

from typing import Annotated, Final

import msgspec

__all__ = [
    "FORMAT",
    "MANIFEST",
    "VERSION",
    "EpochLine",
    "File",
    "Keys",
    "Manifest",
    "Place",
    "Segment",
    "Tree",
    "height",
    "segment_rows",
]

FORMAT: Final = "tidemark archive"
VERSION: Final = 1
MANIFEST: Final = "manifest"
SEGMENT_HEIGHT = 16  # a full segment is a complete subtree of this height
HEADS_ROWS: Final = 4_096


def segment_rows() -> int:
    """How many rows a full segment has."""
    return 1 << SEGMENT_HEIGHT


def height() -> int:
    """The height of the subtree that a full segment is."""
    return SEGMENT_HEIGHT


MAX = 2**63 - 1  # of a bigint
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX)]
Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
# No name leads out of the archive: one folder that we know, and no part that begins with a dot.
Name = Annotated[
    str, msgspec.Meta(pattern=r"^(events|commands|heads|erasures|closed|keys|tables)/[0-9a-z_][0-9a-z_.-]{0,199}\Z")
]


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file: its name below the archive, how many rows and bytes it has, and its SHA-256."""

    name: Name
    rows: Count
    bytes: Count
    sha256: Hash


class Segment(File, frozen=True, kw_only=True):
    """A file of rows, and the one of their leaves beside it; `root` is that of the tree over these leaves alone."""

    first: Count
    last: Count
    root: Hash
    leaves: Name
    leaves_sha256: Hash


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two stores: its segments in order, and the root over all their leaves."""

    size: Count
    first: Count
    last: Count
    root: Hash
    segments: list[Segment]

    @property
    def sealed(self) -> list[Segment]:
        """The segments that are full, and never written again."""
        return [segment for segment in self.segments if segment.rows == segment_rows()]


class Place(msgspec.Struct, frozen=True):
    """A position of the log, and a number of the command store."""

    position: Count
    number: Count


class EpochLine(msgspec.Struct, frozen=True):
    """An epoch of the log."""

    epoch: Count
    position: Count
    number: Count
    cause: str
    reason: str
    began_at: str


class Heads(msgspec.Struct, frozen=True):
    """The signed heads of both trees."""

    segments: list[File]


class Keys(msgspec.Struct, frozen=True):
    """Where the keys are: "here", "elsewhere" or "left out"; those of the site, and those of persons."""

    place: str
    site: File | None
    subjects: File | None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is in an archive."""

    format: str
    version: int
    generation: Count
    written_at: str
    log_id: str
    epoch: Count
    epochs: list[EpochLine]
    mark: Place
    events: Tree
    commands: Tree
    schemas: dict[str, dict[str, list[int]]]
    heads: Heads
    erasures: File
    closed: File
    keys: Keys
    tables: dict[str, File]
    reactions: dict[str, dict[str, Count]]

    def tree(self, name: str) -> Tree:
        """The tree "events" or "commands"."""
        return self.events if name == "events" else self.commands

    def files(self) -> list[str]:
        """The names of all files, without those of keys that are kept elsewhere."""
        segments = [*self.events.segments, *self.commands.segments]
        keys = [self.keys.site, self.keys.subjects] if self.keys.place == "here" else []
        single = [*self.heads.segments, self.erasures, self.closed, *self.tables.values(), *filter(None, keys)]
        return [
            *(name for segment in segments for name in (segment.name, segment.leaves)),
            *(file.name for file in single),
        ]
