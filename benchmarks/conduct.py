"""Runs the benchmarks: a server, a database for each contender, rounds in turn."""

import statistics
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import peers
from benchmarks.contenders.worker import Task
from benchmarks.contest import Benchmark, Contender, Sample
from benchmarks.machine import file_system, machine
from benchmarks.report import BenchmarkReport, Report, Result
from benchmarks.server import Server, durable_postgres
from benchmarks.team import Team

WARM_UP = 0.5  # of a round's seconds


def conduct(benchmarks: Sequence[Benchmark], keep: Callable[[Report], object], begun: Report | None = None) -> Report:
    """Runs the benchmarks that the report `begun` lacks, and calls `keep` with the report after each of them.

    Raises SystemExit if `begun` is of another commit or machine: figures of both can't be compared.
    """
    contenders = [contender for benchmark in benchmarks for contender in benchmark.contenders]
    peers.install(contender.peer for contender in contenders)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="tidemark-bench-", dir="/var/tmp")))
        server = stack.enter_context(durable_postgres())
        for place in (folder, Path(server.host)):
            must_be_on_disk(place)
        about = machine(folder, (contender.peer for contender in contenders), server.settings())
        report = _go_on(begun, about) if begun else Report(about, ())
        for benchmark in benchmarks:
            if benchmark.name not in {outcome.name for outcome in report.outcomes}:
                report = replace(report, outcomes=(*report.outcomes, run(benchmark, server, folder)))
                keep(report)
    return report


def _go_on(begun: Report, about: dict[str, Any]) -> Report:
    for name in ("commit", "processor", "packages"):
        if begun.machine[name] != about[name]:
            raise SystemExit(f"{name} was {begun.machine[name]!r}, and is {about[name]!r} now. Begin anew.")
    return begun


def must_be_on_disk(folder: Path) -> None:
    """Raises SystemExit for a folder in memory, where figures are worth nothing."""
    if file_system(folder) in {"tmpfs", "ramfs"}:
        raise SystemExit(f"{folder} is in memory. Set TMPDIR to a folder on a disk.")


def run(benchmark: Benchmark, server: Server, folder: Path) -> BenchmarkReport:
    """Runs one benchmark: all contenders prepare and warm up, then work in turns."""
    _say(f"{benchmark.name}: {benchmark.title}\n  getting ready …")
    with ExitStack() as stack:
        teams = [_team(stack, benchmark, contender, server, folder) for contender in benchmark.contenders]
        for team in teams:
            team.get_ready()
            team.work(seconds=benchmark.seconds * WARM_UP, count=benchmark.count)
        rounds = []
        for number in range(benchmark.rounds):
            _say(f"\r  round {number + 1} of {benchmark.rounds}  ")
            rounds.append([team.work(seconds=benchmark.seconds, count=benchmark.count) for team in teams])
        _say("\n")
        by_team = zip(teams, zip(*rounds, strict=True), strict=True)
        results = tuple(_result(benchmark, team, samples) for team, samples in by_team)
    found = {result.contender: result for result in results}
    checks = [goal.check(found, benchmark.measure) for goal in benchmark.goals]
    return BenchmarkReport(
        benchmark.name, benchmark.title, benchmark.measure.unit, results, tuple(check for check in checks if check)
    )


def _team(stack: ExitStack, benchmark: Benchmark, contender: Contender, server: Server, folder: Path) -> Team:
    number = benchmark.contenders.index(contender)
    place = folder / f"{benchmark.name}-{number}"
    place.mkdir()
    task = Task(contender.work, host=server.host, user=server.user, folder=str(place), options=contender.options)
    if contender.on_sqlite:
        return stack.enter_context(Team(contender, task, f"sqlite:///{place}/tidemark.sqlite3", place))
    worlds = [one.world for one in benchmark.contenders]
    if contender.world and worlds.index(contender.world) < number:
        name, is_prepared = f"{benchmark.name}-{worlds.index(contender.world)}", True
    else:
        name, is_prepared = stack.enter_context(server.database(place.name)), False
    task = replace(task, database=name, is_prepared=is_prepared)
    return stack.enter_context(Team(contender, task, task.url, place))


def _result(benchmark: Benchmark, team: Team, rounds: Sequence[Sequence[Sample]]) -> Result:
    times = sorted(1000 * time for samples in rounds for sample in samples for time in sample.times)
    return Result(
        team.contender.name,
        tuple(benchmark.measure.value(samples) for samples in rounds),
        statistics.median(times),
        times[min(len(times) - 1, len(times) * 99 // 100)],
        team.facts(),
    )


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
