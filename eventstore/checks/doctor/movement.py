"""The examination of movement: the problems of tidemark, runners and projections, and a line for those without."""

from collections.abc import Iterator
from typing import Final

from eventstore import feed
from eventstore.checks.doctor.findings import Finding, Level, fine, look
from eventstore.checks.watch import Code, Limits, Problem, problems
from eventstore.checks.watch.disk import MEBIBYTE, free_bytes
from eventstore.checks.watch.runners import runners
from eventstore.checks.watch.timeouts import statement_timeout
from eventstore.checks.watch.verification import verified
from eventstore.projecting.inspect.statuses import status

LIMITS = Limits(held=2)  # seconds; stricter than the watcher's, as a caller of the doctor suspects a problem
SUBJECTS: Final = {
    Code.UNREADABLE: "database",
    Code.DISK_FULL: "disk",
    Code.STREAM_BLOCKED: "streams",
    Code.MARK_BLOCKED: "tidemark",
    Code.MARK_NOT_RAISED: "tidemark",
    Code.RUNNER_SILENT: "runners",
    Code.NOT_SERVED: "runners",
    Code.FAULTY: "verification",
}


def movement() -> Iterator[Finding]:
    """Examines the tidemark, the runners and the projections."""
    found = [each for each in problems(LIMITS) if each.code != Code.EPOCH_NOTICED]  # which `epochs` examines
    for problem in found:
        level = Level.LOOK if problem.code == Code.RUNNER_SILENT else Level.ACT
        yield Finding(level, _subject(problem), problem.sentence, problem.advice)
    if all(problem.code != Code.UNREADABLE for problem in found):
        with statement_timeout():
            yield from _healthy({_subject(problem) for problem in found})


def _subject(problem: Problem) -> str:
    return SUBJECTS.get(problem.code, f"projection {problem.subject}")


def _healthy(ill: set[str]) -> Iterator[Finding]:
    if "disk" not in ill and (free := free_bytes()) is not None:
        yield fine("disk", f"{free // MEBIBYTE:,} MiB are free for the database.")
    if "streams" not in ill:
        yield fine("streams", "No transaction keeps commands waiting.")
    if "tidemark" not in ill:
        yield fine("tidemark", f"It stands at {feed.tidemark()}, and nothing holds it back.")
    if "runners" not in ill:
        alive = [runner.name for runner in runners(LIMITS) if runner.is_alive]
        yield fine("runners", f"{len(alive)} at work: {', '.join(alive)}." if alive else "None is needed.")
    if "verification" not in ill:
        yield _verification()
    yield from _projections(ill)


def _verification() -> Finding:
    whole = verified().whole
    if whole is None:
        return fine("verification", "It never ran. manage.py verify computes all that the log says again.")
    return fine("verification", f"All was as it was written on {whole.began_at:%Y-%m-%d %H:%M} UTC.")


def _projections(ill: set[str]) -> Iterator[Finding]:
    found = status(feed.tidemark())
    for each in found:
        if each.parked > each.given_up:
            says = f"{each.parked - each.given_up} of its streams are parked, and tried again by themselves."
            yield look(f"projection {each.name}", says, "manage.py doctor")
    if well := [each for each in found if f"projection {each.name}" not in ill and not each.parked]:
        yield fine("projections", f"{len(well)} are live and up to date.")
