"""The benchmarks, in the order in which they run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks import stacks
from benchmarks.contest import MILLISECONDS, OURS, Benchmark, Contender, per_second
from benchmarks.goals import AtLeast, NoMoreThan, NoneOf, TimesAsGood
from benchmarks.stacks import (
    BARE_VIEW,
    BEST_RAW,
    BOUND_VIEW,
    DJANGO_DEFAULTS,
    EVENTSOURCING,
    ONE_BY_ONE,
    RAW,
    READER,
    RECORDER,
    RUNNER,
)

EVENTS = per_second("events")
COMMANDS = per_second("commands")


@dataclass(frozen=True)
class Scale:
    """The size of the benchmarks: full, or just large enough to see that they work."""

    quick: bool = False

    def size(self, full: int) -> int:
        return full // 20 if self.quick else full

    def apply(self, benchmark: Benchmark) -> Benchmark:
        return replace(benchmark, rounds=2, seconds=benchmark.seconds / 10) if self.quick else benchmark


def catalogue(scale: Scale) -> list[Benchmark]:
    """All benchmarks, in this size."""
    made = [
        _append_one(1),
        _append_one(4),
        _append_many(100),
        _load("load-1000", 1_000),
        _load("load-10000", scale.size(10_000)),
        _command(scale),
        _many(100, scale),
        _catch_up(scale),
        _visible(),
        _rebuild(scale),
        _memory(scale),
        _browse(scale),
        _files(scale),
        _sqlite(scale),
        _sqlite_crowd(scale),
        _http(),
    ]
    return [scale.apply(benchmark) for benchmark in made]


def _append_one(writers: int) -> Benchmark:
    crowd = writers > 1
    stack = [*stacks.WRITING, stacks.RAW_STACK]
    teams = [replace(one, members=writers, reader="tail" if crowd else "") for one in _work(stack, "append", batch=1)]
    return Benchmark(
        name=f"append-1x{writers}",
        title=f"Append 1 event per transaction, {writers} {'writers and a reader' if crowd else 'writer'}",
        measure=EVENTS,
        contenders=teams,
        goals=[
            TimesAsGood(EVENTSOURCING, 3.5 if crowd else 2.5),
            TimesAsGood(RAW, 0.7 if crowd else 0.5),
            *([NoneOf("missed")] if crowd else []),
        ],
    )


def _append_many(batch: int) -> Benchmark:
    recorder = replace(stacks.RECORDER_STACK, options={"batch": batch})
    best_raw = replace(stacks.BEST_RAW_STACK, options={"batch": batch})
    return Benchmark(
        name=f"append-{batch}",
        title=f"Append {batch} events per transaction, 1 writer",
        measure=EVENTS,
        contenders=[*_work(stacks.WRITING, "append", batch=batch), recorder, best_raw],
        goals=[TimesAsGood(RECORDER, 2.5), TimesAsGood(BEST_RAW, 0.65)],
    )


def _load(name: str, events: int) -> Benchmark:
    return Benchmark(
        name=name,
        title=f"Load a stream of {events:,} events into state, without its head",
        measure=MILLISECONDS,
        contenders=_work(stacks.READING, "load", history=events),
        goals=[TimesAsGood(EVENTSOURCING, 6)],
    )


def _command(scale: Scale) -> Benchmark:
    short, long = 20, scale.size(10_000)
    many = _work(stacks.DECIDING, "command", streams=scale.size(1_000), history=short)
    one = _work(stacks.DECIDING, "command", streams=1, history=long)
    named = [replace(c, name=f"{c.name}, history {c.options['history']:,}") for c in (*many, *one)]
    return Benchmark(
        name="command",
        title="A whole command: 1 event, answer stored, one read model kept in the same transaction",
        measure=COMMANDS,
        contenders=named,
        count=scale.size(1_000),
        goals=[
            TimesAsGood(f"{EVENTSOURCING}, history {short}", 2.5, of=f"{OURS}, history {short}"),
            TimesAsGood(f"{EVENTSOURCING}, history {long:,}", 100, of=f"{OURS}, history {long:,}"),
            TimesAsGood(f"{OURS}, history {short}", 0.9, of=f"{OURS}, history {long:,}"),
        ],
    )


def _many(batch: int, scale: Scale) -> Benchmark:
    streams = {"streams": scale.size(1_000), "history": 1}
    together = _work([stacks.REAL_TIME], "many", batch=batch, **streams)
    alone = [replace(one, name=ONE_BY_ONE) for one in _work([stacks.REAL_TIME], "command", **streams)]
    return Benchmark(
        name=f"execute-{batch}",
        title=f"Whole commands, {batch} in one transaction",
        measure=COMMANDS,
        contenders=[*together, *alone],
        goals=[TimesAsGood(ONE_BY_ONE, 10)],
    )


def _catch_up(scale: Scale) -> Benchmark:
    whole = {"streams": scale.size(1_000), "history": 100}
    part = {"streams": scale.size(1_000) // 20, "history": 60}  # who takes an event at a time gets fewer
    return Benchmark(
        name="catch-up",
        title="A delayed projection catches up: one balance for each stream",
        measure=EVENTS,
        contenders=[
            *_work([stacks.DELAYED], "catch-up", **whole),
            *_work(stacks.RUNNERS, "catch-up", **part),
            *_work([stacks.READER_STACK], "read", **whole),
            *_work([stacks.RAW_STACK], "catch-up", **whole),
        ],
        goals=[TimesAsGood(RUNNER, 100), TimesAsGood(READER, 2), TimesAsGood(RAW, 0.4)],
        count=1,
    )


def _visible() -> Benchmark:
    return Benchmark(
        name="visible",
        title="From a command's commit until its delayed read model shows it",
        measure=MILLISECONDS,
        contenders=_work([stacks.DELAYED, stacks.WAITING], "visible"),
        goals=[TimesAsGood(EVENTSOURCING, 10)],
        seconds=5,
        count=40,
    )


def _rebuild(scale: Scale) -> Benchmark:
    world = {"customers": scale.size(1_000), "events": scale.size(40_000)}
    two = replace(stacks.SITE, name=f"{OURS}, two processes")
    return Benchmark(
        name="rebuild",
        title="Rebuild all read models of the site",
        measure=EVENTS,
        contenders=[
            replace(one, world="demo")
            for stack, workers in ((stacks.SITE, 1), (two, 2))
            for one in _work([stack], "rebuild", workers=workers, **world)
        ],
        goals=[AtLeast(30_000), TimesAsGood(OURS, 1.6, of=two.name)],
        count=1,
    )


def _memory(scale: Scale) -> Benchmark:
    streams, few, many = scale.size(1_000), 100, 1_000
    sizes = {history: f"{OURS}, {streams * history:,} events" for history in (few, many)}
    contenders = [
        replace(one, name=name)
        for history, name in sizes.items()
        for one in _work([stacks.DELAYED], "memory", streams=streams, history=history)
    ]
    return Benchmark(
        name="rebuild-memory",
        title="Memory that a rebuild takes, however long the log is",
        measure=EVENTS,
        contenders=contenders,
        goals=[NoMoreThan("peak MB", than=sizes[few], times=1.2, of=sizes[many])],
        rounds=1,
        count=1,
    )


def _browse(scale: Scale) -> Benchmark:
    small, large = scale.size(10_000), scale.size(2_000_000)
    names = {
        (events, deep): f"{OURS}, {events:,} events, {'a page in the middle' if deep else 'first page'}"
        for events in (small, large)
        for deep in (False, True)
    }
    contenders = [
        replace(one, name=name, world=f"{events} events")
        for (events, deep), name in names.items()
        for one in _work([stacks.SITE], "browse", events=events, deep=deep)
    ]
    return Benchmark(
        name="admin",
        title="The admin's list of events",
        measure=MILLISECONDS,
        contenders=contenders,
        goals=[TimesAsGood(names[small, False], 1 / 1.5, of=names[large, deep]) for deep in (False, True)],
        count=50,
    )


def _files(scale: Scale) -> Benchmark:
    entries = scale.size(100_000)
    history, statement = f"{OURS}, entries.csv", f"{OURS}, a statement as CSV"
    files = {history: "entries.csv", statement: "statements/2026-02.csv"}
    contenders = [
        replace(one, name=name, world="a long month")
        for name, file in files.items()
        for one in _work([stacks.SITE], "download", entries=entries, file=file)
    ]
    return Benchmark(
        name="files",
        title="A month of many entries as CSV",
        measure=per_second("lines"),
        contenders=contenders,
        goals=[TimesAsGood(history, 1 / 1.5, of=statement)],
        count=2,
    )


def _sqlite(scale: Scale) -> Benchmark:
    return Benchmark(
        name="sqlite",
        title="A whole command on SQLite (synchronous=FULL), 1 process",
        measure=COMMANDS,
        contenders=_work(stacks.ON_SQLITE, "command", streams=scale.size(1_000), history=1),
        goals=[TimesAsGood(DJANGO_DEFAULTS, 2.5)],
    )


def _sqlite_crowd(scale: Scale) -> Benchmark:
    teams = _work(stacks.ON_SQLITE, "crowd", streams=scale.size(1_000), history=1)
    return Benchmark(
        name="sqlite-x8",
        title="Whole commands on SQLite, 8 processes",
        measure=COMMANDS,
        contenders=[replace(team, members=8) for team in teams],
        goals=[NoneOf("lock errors")],
        rounds=3,
        seconds=10,
    )


def _http() -> Benchmark:
    return Benchmark(
        name="http",
        title="POST of a whole command over HTTP, 4 clients, Granian with 2 workers",
        measure=per_second("requests"),
        contenders=[replace(stack, work="post", members=4) for stack in stacks.SERVED],
        goals=[TimesAsGood(BARE_VIEW, 0.6), TimesAsGood(BARE_VIEW, 0.6, of=BOUND_VIEW)],
    )


def _work(contenders: Sequence[Contender], work: str, **options: Any) -> list[Contender]:
    return [replace(one, work=work, options={**one.options, **options}) for one in contenders]


def without_peers(benchmark: Benchmark) -> Benchmark:
    """A benchmark with Tidemark's contenders only."""
    return replace(benchmark, contenders=[one for one in benchmark.contenders if not one.peer])


def named(benchmarks: Sequence[Benchmark], names: Sequence[str]) -> list[Benchmark]:
    """The benchmarks with these names, or all; raises KeyError for an unknown name."""
    by_name: Mapping[str, Benchmark] = {benchmark.name: benchmark for benchmark in benchmarks}
    return [by_name[name] for name in names] if names else list(benchmarks)
