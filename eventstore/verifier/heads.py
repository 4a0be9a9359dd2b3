"""Files of heads, and what they say about each other: a log that shows two histories is found by its heads."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from eventstore.verifier.documents import is_json, notes_of
from eventstore.verifier.notes import Head
from eventstore.verifier.outcome import CannotCheck, Finding
from eventstore.verifier.seal_file import notes_in
from eventstore.verifier.trust import Trust

__all__ = ["Outside", "check_heads", "contradictions", "same_tree"]


def check_heads(text: str, trust: Trust) -> list[Finding]:
    """The heads in a file, each of which is signed; raises Wrong for one that is not.

    The file is one of signed notes, an answer of GET heads, or a proof that was kept for its head.
    """
    notes = notes_of(text) if is_json(text) else _notes_in_lines(text.splitlines(keepends=True))
    if not notes:
        raise CannotCheck("No head is in this file.")
    return [_finding(note, trust) for note in notes]


def contradictions(findings: Iterable[Finding]) -> Iterator[str]:
    """Heads of one tree and size whose roots differ: two histories were shown."""
    roots: dict[tuple[str, int], bytes] = {}
    for head in _heads(findings):
        if roots.setdefault((head.origin, head.size), head.root) != head.root:
            yield f"Two heads of {head.origin} with {head.size} leaves have different roots: the log was rewritten."


class Outside(NamedTuple):
    """Heads that the caller has kept, and what is known to continue what."""

    kept: list[Head]
    links: dict[Head, set[Head]]

    @classmethod
    def of(cls, kept: Iterable[Head], findings: Iterable[Finding]) -> "Outside":
        """With each consistency proof among the findings as a link."""
        links: dict[Head, set[Head]] = {}
        for finding in findings:
            if finding.old is not None:
                links.setdefault(finding.old, set()).add(finding.head)
                links.setdefault(finding.head, set()).add(finding.old)
        return cls(list(kept), links)

    def must_cover(self, finding: Finding) -> None:
        """Raises CannotCheck unless a kept head, of this tree, is shown to hold what was found under another one."""
        same = [head for head in self.kept if same_tree(head, finding.head)]
        if not same:
            raise CannotCheck(f"None of the heads that you keep is one of {finding.head.origin}.")
        if finding.leaf is not None:
            same = [head for head in same if head.size > finding.leaf]
        if not same:
            raise CannotCheck("It is newer than the heads that you keep: none of them covers it.")
        ends = [finding.head, finding.old] if finding.old else [finding.head]
        if not any(self._agree(end, head, finding.leaf) for head in same for end in ends):
            raise CannotCheck(_missing_link(finding.head, same))

    def _agree(self, one: Head, other: Head, leaf: int | None) -> bool:
        """Whether two heads are shown to have the same leaves: up to a leaf, or all of the smaller one's.

        Two heads that continue a third one may differ beyond it, so each head on the way must be that large.
        """
        size = min(one.size, other.size) if leaf is None else leaf + 1
        reached, coming = {one}, [one]
        while coming:
            further = {head for head in self.links.get(coming.pop(), ()) if head.size >= size} - reached
            reached |= further
            coming.extend(further)
        return other in reached


def same_tree(one: Head, other: Head) -> bool:
    """Whether two heads are of one tree of one log, of whatever epoch: a restore begins a new one, and may go on."""
    parts, others = one.origin.split("/"), other.origin.split("/")
    return parts[:-2] == others[:-2] and parts[-1] == others[-1]


def _notes_in_lines(lines: list[str]) -> list[str]:
    return [*notes_in([*lines, "\n"])] or [*notes_in([*lines, "\n", "\n"])]


def _finding(note: str, trust: Trust) -> Finding:
    head, signers = trust.opened(note)
    lines = list(trust.lines(head, signers))
    return Finding(f"the head with {head.size} leaves", head, signers, lines, None, None, trust.knows(signers))


def _heads(findings: Iterable[Finding]) -> Iterator[Head]:
    for finding in findings:
        yield finding.head
        if finding.old is not None:
            yield finding.old


def _missing_link(head: Head, kept: list[Head]) -> str:
    nearest = min(kept, key=lambda other: abs(other.size - head.size))
    old, new = sorted((head.size, nearest.size))
    tree = head.origin.rpartition("/")[2]
    return (
        f"Nothing shows how the head with {head.size} leaves and those that you keep continue each other. Download "
        f"heads/consistency?tree={tree}&old={old}&new={new} from the site's API, and name that file too."
    )
