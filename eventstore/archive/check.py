"""Looks through a whole archive before anything is restored: every file, row, digest, root and signature in it."""

from collections.abc import Callable, Iterator
from typing import Any

from eventstore import messages
from eventstore.archive import reader
from eventstore.archive.errors import ArchiveDamaged, CannotRestore
from eventstore.archive.format import Manifest, Segment, Tree, height, segment_rows
from eventstore.archive.leaves import root_of
from eventstore.archive.lines import read_lines
from eventstore.archive.places import Place
from eventstore.archive.scratch import Scratch
from eventstore.integrity.digests import command_digest, event_digest
from eventstore.verifier import notes
from eventstore.verifier.merkle import Frontier, entry, leaf_hash

NAMES = {"events": "position", "commands": "number"}

Done = Callable[[str, int], object]  # the store, and how many of its rows are looked through


class Checker:
    """Looks through an archive, once. Each check raises ArchiveDamaged, which names the place."""

    def __init__(self, place: Place, manifest: Manifest, keys: list[notes.Key], done: Done) -> None:
        self.place, self.manifest, self.keys, self.done = place, manifest, keys, done
        self.scratch = Scratch()
        self.unclaimed: dict[str, list[int]] = {}  # positions of events whose command has yet to come
        self.last = {"events": 0, "commands": 0}
        self._keep_heads()

    def check(self) -> None:
        """Everything."""
        self._must_know_schemas()
        self._must_be_whole(self.manifest.events, "events", self.manifest.mark.position)
        self._must_be_whole(self.manifest.commands, "commands", self.manifest.mark.number)
        events = self._events()
        seen = 0
        for number, positions, command_id in self._commands():
            while positions and seen < positions[-1]:
                position = next(events, None)
                if position is None:
                    break
                seen = position
            if self.unclaimed.pop(command_id, []) != positions:
                raise ArchiveDamaged(f"Command {number} says that its events are {positions}, and they say otherwise.")
        for _ in events:
            pass
        if self.unclaimed:
            command_id, positions = next(iter(self.unclaimed.items()))
            raise ArchiveDamaged(f"Event {positions[0]} names the command {command_id}, which is missing.")

    def _must_know_schemas(self) -> None:
        for store, registry in (("events", messages.events), ("commands", messages.commands)):
            for name, versions in self.manifest.schemas.get(store, {}).items():
                kind = registry.get(name)
                if kind is None:
                    raise CannotRestore(f"The archive has {store} of the type {name}, which this site does not know.")
                if versions and max(versions) > kind.version:
                    raise CannotRestore(
                        f"The archive has {name} of schema version {max(versions)}, and this site knows {kind.version} "
                        "at most. Restore it with the program that has written it, or a newer one."
                    )

    def _must_be_whole(self, tree: Tree, store: str, mark: int) -> None:
        """No segment is missing, none is another's: full ones first, in order, up to the mark."""
        last, size = 0, 0
        for number, segment in enumerate(tree.segments):
            is_last = number == len(tree.segments) - 1
            has_place = segment.name.startswith(f"{store}/{number:08}-") and segment.leaves.startswith(
                segment.name.removesuffix("parquet")
            )
            is_full = segment.rows == segment_rows() or (is_last and 0 < segment.rows < segment_rows())
            if not (has_place and is_full and last < segment.first <= segment.last):
                raise ArchiveDamaged(f"{segment.name} is not the segment that belongs there: one is missing, or moved.")
            last, size = segment.last, size + segment.rows
        first = tree.segments[0].first if tree.segments else 0
        if (first, last, size) != (tree.first, tree.last, tree.size) or last > mark:
            raise ArchiveDamaged(f"The segments of {store} do not make up what the manifest says of them.")

    def _events(self) -> Iterator[int]:
        """Check each event; gives its position."""
        for segment, leaves in self._segments("events"):
            expected = iter(leaves)
            for position, event in reader.events(self.place, segment):
                stream = event.stream_id.bytes
                version, before = self.scratch.end(stream)
                if event.version != version + 1:
                    raise ArchiveDamaged(
                        f"Event {position} has version {event.version} in {event.stream_id}, after {version}: there is "
                        "a gap."
                    )
                digest = event_digest(before, event)
                self.scratch.move_end(stream, event.version, digest)
                self._must_be_next("events", position, digest, next(expected))
                self._must_be_listed("events", event.type, event.schema_version, position)
                if event.command_id:
                    self.unclaimed.setdefault(event.command_id, []).append(position)
                yield position

    def _commands(self) -> Iterator[tuple[int, list[int], str]]:
        """Check each command; gives its number, the positions of its events, and its id."""
        for segment, leaves in self._segments("commands"):
            expected = iter(leaves)
            for number, command, positions in reader.commands(self.place, segment):
                self._must_be_next("commands", number, command_digest(command), next(expected))
                self._must_be_listed("commands", command.type, command.schema_version, number)
                yield number, positions, str(command.command_id)

    def _segments(self, store: str) -> Iterator[tuple[Segment, list[bytes]]]:
        """Each segment, to be read to its end, with the leaves that its rows are to have."""
        tree, frontier = self.manifest.tree(store), Frontier()
        self._compare(store, frontier, [])
        for segment in tree.segments:
            leaves = reader.leaves(self.place, segment)
            yield segment, leaves
            if self.last[store] != segment.last:
                raise ArchiveDamaged(f"{segment.name} does not end at {segment.last}, as the manifest says.")
            if root_of(leaves).hex() != segment.root:
                raise ArchiveDamaged(f"The leaves of {segment.name} do not lead to its root.")
            self._compare(store, frontier, leaves)
            frontier = _grown(frontier, segment, leaves)
            self.done(store, segment.rows)
        if frontier.root().hex() != tree.root:
            raise ArchiveDamaged(f"The leaves of {store} do not lead to the root that the manifest has.")

    def _must_be_next(self, store: str, position: int, digest: str, leaf: bytes) -> None:
        if position <= self.last[store]:
            raise ArchiveDamaged(f"The {store} are not in order: {position} comes after {self.last[store]}.")
        self.last[store] = position
        if leaf_hash(entry(position, bytes.fromhex(digest))) != leaf:
            raise ArchiveDamaged(
                f"The {store.removesuffix('s')} at {NAMES[store]} {position} does not have the digest that was "
                "recorded: it was changed, or moved. If `manage.py verify` finds the same in the database, the archive "
                "is a true copy."
            )

    def _compare(self, store: str, before: Frontier, leaves: list[bytes]) -> None:
        """Compare the roots of the heads over a tree, and over some of the leaves that come next, with the tree's."""
        tree, first = Frontier(before.size, before.roots), before.size
        rest = iter(leaves)
        for size, root in self.scratch.heads(store, first + 1 if leaves else first, first + len(leaves)):
            while tree.size < size:
                tree.append(next(rest))
            if tree.root() != root:
                raise ArchiveDamaged(
                    f"The first {size:,} {store} do not lead to the root in the head that was signed of them."
                )

    def _must_be_listed(self, store: str, name: str, version: int, position: int) -> None:
        if version not in self.manifest.schemas.get(store, {}).get(name, ()):
            raise ArchiveDamaged(f"The manifest does not say that there is {name} of version {version}, at {position}.")

    def _keep_heads(self) -> None:
        """Keep the roots of signed heads; their signatures are verified, if there are keys.

        A head of an epoch whose end was lost is left out: it is of a tree that is no more.
        """
        for file in self.manifest.heads.segments:
            found = [(line, self._head(file.name, line)) for line in read_lines(self.place, file)]
            self.scratch.keep_heads((line["tree"], head.size, head.root) for line, head in found if self._is_kept(line))

    def _head(self, name: str, line: dict[str, Any]) -> notes.Head:
        try:
            text = notes.opened(line["note"], self.keys)[0] if self.keys else notes.split(line["note"])[0]
            head = notes.read_head(text)
        except (notes.InvalidNote, KeyError) as error:
            raise ArchiveDamaged(f"A head in {name} is not to be trusted: {error}") from error
        ours = f"/{self.manifest.log_id}/{line['epoch']}/{line['tree']}"
        if (head.size, head.root.hex()) != (line["size"], line["root"]) or not head.origin.endswith(ours):
            raise ArchiveDamaged(f"A head in {name} says otherwise than its signed note.")
        return head

    def _is_kept(self, line: dict[str, Any]) -> bool:
        is_event = line["tree"] == "events"
        later = [epoch for epoch in self.manifest.epochs if epoch.epoch > line["epoch"]]
        return all(line["position"] <= (epoch.position if is_event else epoch.number) for epoch in later)


def _grown(tree: Frontier, segment: Segment, leaves: list[bytes]) -> Frontier:
    """A tree of full segments with another one; each of these is a complete subtree, so it grows by its root."""
    if segment.rows < segment_rows():
        for leaf in leaves:
            tree.append(leaf)
        return tree
    over = Frontier(tree.size >> height(), tree.roots)
    over.append(bytes.fromhex(segment.root))
    return Frontier(over.size << height(), over.roots)
