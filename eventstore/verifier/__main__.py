"""The verifier as a program: `python -m eventstore.verifier`, or `python verifier.pyz` where Tidemark is not installed.

Exit codes: 0 if everything holds, 3 if something is wrong, 1 if something could not be checked.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

try:
    from eventstore.verifier.check import Report, check, keys_from
    from eventstore.verifier.outcome import CannotCheck, Finding
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "cryptography":
        raise
    raise SystemExit("The verifier needs the package cryptography: python -m pip install cryptography") from error

ABOUT: Final = """
Checks proofs, heads of trees and archives of a Tidemark log. It needs no network, no database and no Django.

FILE is any of
  a proof, as a page of the site or its API gives it (events/{position}/proof): of an event, a command, a month
  a proof that one head continues another, from GET heads/consistency
  a file of signed heads, as `manage.py seal` keeps it outside the database, or an answer of GET heads
  the folder of an archive
"""

EXAMPLES: Final = """
examples
  python -m eventstore.verifier proof-1234.json
      recomputes the digest of the row, its way up to the root of the tree, and the signature of the head
  python -m eventstore.verifier proof-1234.json --key "site.example+1a2b3c4d+AZ..."
      the head must be signed by the key that you know; without --key those count that came with the proof
  python -m eventstore.verifier proof-1234.json consistency.json --head kept.json
      a head that you or a witness kept must cover the row: then nobody has changed it since, whoever owns the keys

what a proof says
  A digest is SHA-256 over these parts, with a line feed between them: the previous digest of the stream (32
  bytes; commands have none), the envelope as a JSON array without spaces, the metadata, the data (and the
  response of a command), the last ones exactly as they stand in the proof. The envelope of an event is event_id,
  category, stream_id, version, type, schema_version, recorded_at; that of a command is command_id, actor, key,
  fingerprint, type, schema_version, accepted, recorded_at. A leaf is the position or number (8 bytes, big-endian)
  and the digest; trees are those of RFC 9162, heads are signed notes (C2SP tlog-checkpoint). Personal fields are
  hashed as they are stored, which is encrypted: a proof shows them so, and names them in `personal`.

exit codes
  0  everything holds      3  something is wrong      1  something could not be checked
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the command line names, tell what came of it, and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        report = check(options.files, keys_from(options.key), options.head)
    except CannotCheck as error:
        report = Report(unchecked=[("--key", str(error))])
    _print(json.dumps(_as_json(report), ensure_ascii=False, indent=2) if options.json else "\n".join(_lines(report)))
    return report.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eventstore.verifier",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="what is to be checked")
    parser.add_argument(
        "--key", action="append", default=[], help="a key that you trust, name+id+base64, or a file of them; repeatable"
    )
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="heads that were kept outside: a file of heads, an answer of GET heads, or a proof that you kept, for its "
        "head; repeatable",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def _lines(report: Report) -> Iterator[str]:
    for source, finding in report.holds:
        yield f"HOLDS  {source}: {finding.subject}"
        yield from (f"       {line}" for line in finding.lines)
    for source, said in report.wrong:
        yield f"WRONG  {source}: {said}"
    for source, said in report.unchecked:
        yield f"NOT CHECKED  {source}: {said}"


def _as_json(report: Report) -> Mapping[str, Any]:
    return {
        "holds": [_finding_as_json(source, finding) for source, finding in report.holds],
        "wrong": [{"file": source, "message": said} for source, said in report.wrong],
        "unchecked": [{"file": source, "message": said} for source, said in report.unchecked],
    }


def _finding_as_json(source: str, finding: Finding) -> Mapping[str, Any]:
    head = {"origin": finding.head.origin, "size": finding.head.size, "root": finding.head.root.hex()}
    signers = [str(key) for key in finding.signers]
    return {
        "file": source,
        "subject": finding.subject,
        "leaf": finding.leaf,
        "head": head,
        "signers": signers,
        "key_was_known": finding.key_was_known,
    }


def _print(text: str) -> None:
    """Print a text; control characters of what was checked are not for the terminal."""
    shown = (each if each == "\n" or each.isprintable() else f"\\x{ord(each):02x}" for each in text)
    sys.stdout.write(f"{''.join(shown)}\n")


if __name__ == "__main__":
    raise SystemExit(main())
