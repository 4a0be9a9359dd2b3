"""The doctor: examines code, settings, database and runners of a site, in words that a tired person understands."""

from collections.abc import Iterable, Iterator

from eventstore.backends import store
from eventstore.checks.database import check_reachable, is_migrated
from eventstore.checks.doctor.examinations import ON_OUR_TABLES, ON_THE_DATABASE, WITHOUT_DATABASE, Examination
from eventstore.checks.doctor.findings import Finding, act, fine, from_checks

__all__ = ["Finding", "examine"]


def examine() -> list[Finding]:
    """The findings of all examinations; one that fails is a finding, and so is a database that does not answer."""
    return [*_conduct(WITHOUT_DATABASE), *_on_the_database()]


def _on_the_database() -> Iterator[Finding]:
    if unreachable := check_reachable(store().connection):
        yield from from_checks("database", [unreachable], "")
        return
    yield fine("database", f"It answers ({store().connection.display_name}).")
    yield from _conduct(ON_THE_DATABASE)
    if is_migrated(store().connection):
        yield from _conduct(ON_OUR_TABLES)


def _conduct(examinations: Iterable[Examination]) -> Iterator[Finding]:
    for examination in examinations:
        try:
            yield from list(examination())
        except Exception as error:  # one failed examination must not hide the others
            name = examination.__name__.replace("_", " ")
            yield act(name, f"It could not be examined: {error!r}", "manage.py check --database default")
