"""A run of the verifier: some files, each checked by what it holds, then held against each other and kept heads."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from eventstore.verifier.archives import check_archive
from eventstore.verifier.documents import is_json, parse, parse_heads
from eventstore.verifier.heads import Outside, check_heads, contradictions
from eventstore.verifier.notes import Head, InvalidNote, Key, read_key
from eventstore.verifier.outcome import CannotCheck, Finding, Wrong
from eventstore.verifier.proofs import check_proof
from eventstore.verifier.trust import Trust

__all__ = ["Report", "check", "keys_from"]

LARGEST: Final = 1 << 30  # bytes of a file that is read at once


@dataclass
class Report:
    """What holds, what is wrong and what could not be checked, each under the name of its file."""

    holds: list[tuple[str, Finding]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)
    unchecked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """3 if something is wrong, 1 if something could not be checked, else 0."""
        return 3 if self.wrong else 1 if self.unchecked else 0

    def add(self, source: str, look: Callable[[], Iterable[Finding]]) -> None:
        """Enter what comes of a look at a file."""
        try:
            self.holds.extend((source, finding) for finding in look())
        except Wrong as error:
            self.wrong.append((source, str(error)))
        except CannotCheck as error:
            self.unchecked.append((source, str(error)))

    @property
    def findings(self) -> Iterator[Finding]:
        """All that holds, whatever file it is from."""
        return (finding for _, finding in self.holds)


def check(paths: Sequence[Path], keys: Sequence[Key], head_files: Sequence[Path] = ()) -> Report:
    """Check files, and that heads which were kept elsewhere cover what is in them."""
    report, trust = Report(), Trust(tuple(keys))
    kept = Report()
    for path in head_files:
        kept.add(str(path), partial(_heads_in, path, trust.offered(_offered_in([path, *paths]))))
    for path in paths:
        report.add(str(path), partial(_look_at, path, trust, [finding.head for finding in kept.findings]))
    if head_files:
        _hold_against(kept, report)
    report.wrong.extend(("all files together", said) for said in contradictions(report.findings))
    return report


def keys_from(texts: Sequence[str]) -> list[Key]:
    """The keys that are named: each one as text, or as a file with a key on each line. Raises CannotCheck."""
    found = list[Key]()
    for text in texts:
        lines = [text] if text.count("+") >= 2 else _read(Path(text)).splitlines()
        try:
            found.extend(read_key(line) for line in lines if line.strip() and not line.startswith("#"))
        except InvalidNote as error:
            raise CannotCheck(str(error)) from error
    if texts and not found:
        raise CannotCheck("No key is in what is named: whoever made a proof could choose the key for it.")
    return found


def _look_at(path: Path, trust: Trust, kept: Sequence[Head]) -> Iterable[Finding]:
    if path.is_dir():
        return check_archive(path, trust, kept)
    text = _read(path)
    is_proof = is_json(text) and parse_heads(text) is None
    return [check_proof(text, trust)] if is_proof else check_heads(text, trust)


def _hold_against(kept: Report, report: Report) -> None:
    """Enters what the kept heads do not cover, in place of what was found, and what comes of the kept heads."""
    found, report.holds = report.holds, kept.holds
    report.wrong, report.unchecked = [*kept.wrong, *report.wrong], [*kept.unchecked, *report.unchecked]
    outside = Outside.of([finding.head for finding in kept.findings], [finding for _, finding in found])
    for source, finding in found:
        report.add(source, partial(_covered, outside, finding))


def _heads_in(path: Path, trust: Trust) -> list[Finding]:
    return check_heads(_read(path), trust)


def _covered(outside: Outside, finding: Finding) -> list[Finding]:
    outside.must_cover(finding)
    return [finding]


def _offered_in(paths: Sequence[Path]) -> list[str]:
    """The keys that the proofs among some files bring along; what can't be read was told already."""
    found = list[str]()
    for path in filter(Path.is_file, paths):
        try:
            keys = parse(_read(path)).get("keys")
        except CannotCheck:
            continue
        found.extend(key for key in keys or () if isinstance(key, str))
    return found


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise CannotCheck(f"It is larger than {LARGEST:,} bytes.")
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CannotCheck(f"It can't be read: {error}.") from error
