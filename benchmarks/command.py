"""The command line of the benchmarks."""

import argparse
import sys
from collections.abc import Sequence

from benchmarks import results
from benchmarks.catalogue import Scale, catalogue, named, without_peers
from benchmarks.conduct import conduct
from benchmarks.table import table

HELP = """\
Measure the speed of Tidemark beside its peers, in one run, on this machine.

Everyone works on one fresh PostgreSQL that waits for its disk (fsync and
synchronous_commit on), each in processes and a database of its own, through
its public calls, with payloads of about 200 bytes. After a warm-up they take
turns, A B C A B C ..., because machines drift; the median of the rounds
counts, and a ratio is the median of the rounds' ratios.
"""

EXAMPLES = """\
examples:
  make bench                                     everything: about half an hour on 2 cores
  make bench ARGS=--quick                        small, to see that it works: minutes, and poor figures
  make bench ARGS='--quick --only command'       one or more by name: seconds
  make bench ARGS='--no-peers --only http'       ourselves alone, without installing the peers

A full run is kept in benchmarks/results/ as latest.json, latest.md and
latest.svg, any other one as trial.* (which git ignores). A run that dies has
kept what it measured; with --continue and the same other options it goes on
with what is missing, if commit, machine and packages are the same. Peers are installed
into .venv-peers/ at the first run. benchmarks/README.md says how it is
measured and how to read it.

benchmarks:
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmarks that the command line names, keeps and prints the report."""
    options = _parser().parse_args(arguments)
    benchmarks = named(catalogue(Scale(options.quick)), options.only)
    if options.no_peers:
        benchmarks = [without_peers(benchmark) for benchmark in benchmarks]
    report = conduct(benchmarks, results.keep_unfinished, results.unfinished() if options.go_on else None)
    is_full = not (options.quick or options.only or options.no_peers)
    kept = results.keep(report, "latest" if is_full else "trial")
    results.forget_unfinished()
    sys.stdout.write(results.as_json(report) if options.json else table(report))
    sys.stderr.write(f"\nKept as {kept}.\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    known = catalogue(Scale())
    parser = argparse.ArgumentParser(
        prog="benchmarks/run.py",
        description=HELP,
        epilog=EXAMPLES + "\n".join(f"  {benchmark.name:<12} {benchmark.title}" for benchmark in known),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [benchmark.name for benchmark in known]
    parser.add_argument(
        "--only", metavar="NAME", action="append", choices=names, default=[], help="one benchmark; may be repeated"
    )
    parser.add_argument("--quick", action="store_true", help="small and short")
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out")
    parser.add_argument("--continue", dest="go_on", action="store_true", help="go on with a run that died")
    parser.add_argument("--json", action="store_true", help="print the results as JSON, not as a table")
    return parser
