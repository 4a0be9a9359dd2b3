"""Archives, without a reader of Parquet: the manifest, each file by its checksum, and the trees by their leaves.

That the rows have the digests in the leaves takes the rows: `manage.py restore` and `verify` look at those.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from eventstore.verifier.documents import Document, hex_of, number_of, once, text_of
from eventstore.verifier.heads import same_tree
from eventstore.verifier.merkle import Frontier
from eventstore.verifier.notes import Head, InvalidNote, read_head, split
from eventstore.verifier.outcome import CannotCheck, Finding, Wrong
from eventstore.verifier.trust import Trust

__all__ = ["MANIFEST", "check_archive"]

MANIFEST: Final = "manifest"
FORMAT: Final = ("tidemark archive", 1)
TREES: Final = {"events": "position", "commands": "number"}  # and what an epoch calls the end of each
NAME: Final = re.compile(r"[a-z]+/[0-9a-z_][0-9a-z_.-]{0,199}")  # leads nowhere out of the archive
HASH: Final = 32  # bytes
CHUNK: Final = 1 << 20  # bytes read at a time


class _Signed(NamedTuple):
    """A head in an archive, with its epoch and the position or number of its last leaf."""

    head: Head
    epoch: int
    position: int


def check_archive(folder: Path, trust: Trust, kept: Sequence[Head] = ()) -> list[Finding]:
    """What an archive shows, also of heads that were kept outside; raises Wrong where its parts do not fit together.

    The heads in it are taken as they are: the manifest, which is signed, has the checksums of their files.
    """
    text = _read(folder / MANIFEST).decode("utf-8", "replace")
    manifest = _manifest(text)
    signers = trust.signers(text) if trust.keys and "\n\n" in text else []
    for file in _files(manifest):
        _must_be_whole(folder, file)
    heads = list(_heads(folder, manifest))
    findings = [finding for tree in TREES for finding in _check_tree(folder, manifest, tree, heads, kept)]
    if not signers:
        raise CannotCheck("Its parts fit together, but nobody whose key is known has signed it: name a key by --key.")
    for finding in findings:
        finding.signers, finding.key_was_known = signers, trust.knows(signers)
        finding.lines += [f"the manifest is signed by {key.name}+{key.id.hex()}" for key in signers]
    return findings


def _check_tree(
    folder: Path, manifest: Document, tree: str, heads: Sequence[_Signed], kept: Sequence[Head]
) -> Iterator[Finding]:
    """The tree over the leaves of an archive; its root at the size of each head must be the head's."""
    said = _object(manifest, tree)
    signed = [each for each in heads if each.head.origin.endswith(f"/{tree}")]
    origin = signed[-1].head.origin if signed else f"?/{text_of(manifest, 'log_id')}/?/{tree}"
    own = Head(origin, number_of(said, "size"), hex_of(said, "root"))
    binding = [each.head for each in signed if each.head.size <= own.size and _binds(each, manifest, tree)]
    outside = [head for head in kept if same_tree(head, own) and head.size <= own.size]
    roots = _roots(folder, said, {own.size, *(head.size for head in (*binding, *outside))})
    for whose, these in (("the manifest says", [own]), ("its own head", binding), ("the head that you keep", outside)):
        for head in these:
            if roots.get(head.size) != head.root:
                raise Wrong(f"The first {head.size} leaves of the {tree} have another root than {whose}.")
    lines = [f"{own.size} leaves, root {own.root.hex()}", f"{len(binding)} heads in it are those of its leaves"]
    yield Finding(f"the archive's {tree}", own, [], lines)
    for head in outside:
        said_so = [f"its first {head.size} leaves are those of the head that you keep"]
        yield Finding(f"that the archive's {tree} continue a kept head", own, [], said_so, None, head)


def _roots(folder: Path, said: Document, sizes: set[int]) -> Mapping[int, bytes]:
    """The roots over the first leaves, at these sizes; raises Wrong where a segment has not as many as it says."""
    frontier, roots = Frontier(), dict[int, bytes]()
    for segment in _list(said, "segments"):
        leaves = _read(_place(folder, text_of(segment, "leaves")))
        if len(leaves) != HASH * number_of(segment, "rows"):
            raise Wrong(f"{text_of(segment, 'leaves')} has not the leaves of all rows.")
        for at in range(0, len(leaves), HASH):
            frontier.append(leaves[at : at + HASH])
            if frontier.size in sizes:
                roots[frontier.size] = frontier.root()
    return roots if frontier.size else {0: frontier.root()}


def _binds(signed: _Signed, manifest: Document, tree: str) -> bool:
    """Whether a head is one of the tree as it is: what an epoch had beyond the begin of a later one may be lost."""
    later = [line for line in _list(manifest, "epochs") if number_of(line, "epoch") > signed.epoch]
    return all(signed.position <= number_of(line, TREES[tree]) for line in later)


def _heads(folder: Path, manifest: Document) -> Iterator[_Signed]:
    for segment in _list(_object(manifest, "heads"), "segments"):
        for text in _read(_place(folder, text_of(segment, "name"))).splitlines():
            line = _json(text.decode("utf-8", "replace"))
            try:
                head = read_head(split(text_of(line, "note"))[0])
            except InvalidNote as error:
                raise Wrong(f"A head in it is none: {error}") from error
            yield _Signed(head, number_of(line, "epoch"), number_of(line, "position"))


def _files(manifest: Document) -> Iterator[Document]:
    """All files that must be there: keys may be elsewhere."""
    for tree in TREES:
        for segment in _list(_object(manifest, tree), "segments"):
            yield segment
            yield {"name": segment.get("leaves"), "sha256": segment.get("leaves_sha256")}
    yield from _list(_object(manifest, "heads"), "segments")
    yield from (_object(manifest, name) for name in ("erasures", "closed"))
    yield from (file for file in _object(manifest, "tables").values() if isinstance(file, dict))
    keys = _object(manifest, "keys")
    if keys.get("place") == "here":
        yield from (file for name in ("site", "subjects") if isinstance(file := keys.get(name), dict))


def _must_be_whole(folder: Path, file: Document) -> None:
    name, digest = text_of(file, "name"), hashlib.sha256()
    try:
        with _place(folder, name).open("rb") as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise Wrong(f"{name} is missing, or can't be read: {error}.") from error
    if digest.digest() != hex_of(file, "sha256"):
        raise Wrong(f"{name} is not as it was written: its SHA-256 is another one.")


def _manifest(text: str) -> Document:
    found = _json(text.partition("\n\n")[0])
    if (found.get("format"), found.get("version")) != FORMAT:
        raise CannotCheck("This is no archive that is known to this version.")
    return found


def _place(folder: Path, name: str) -> Path:
    if not NAME.fullmatch(name):
        raise CannotCheck(f"The manifest names {name!r}, which is no name of a file in an archive.")
    return folder / name


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotCheck(f"{path.name} can't be read: {error}.") from error


def _json(text: str) -> Document:
    try:
        found = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise CannotCheck(f"This is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise CannotCheck("This is no JSON object.")
    return found


def _object(document: Document, name: str) -> Document:
    found = document.get(name)
    if not isinstance(found, dict):
        raise CannotCheck(f"The field {name} is missing, or of a wrong type.")
    return found


def _list(document: Document, name: str) -> list[Document]:
    found: Any = document.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise CannotCheck(f"The field {name} is missing, or of a wrong type.")
    return found
