"""A run of `verify`, from the first look at the mark to the record of what was found."""

from collections.abc import Iterator
from contextlib import contextmanager
from heapq import merge
from pathlib import Path

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from eventstore.backends import in_database, store
from eventstore.integrity import seal_keys, trees
from eventstore.integrity.checks import site_checks
from eventstore.integrity.tail import tail_of
from eventstore.integrity.trees import Tree
from eventstore.integrity.verify.commands import CommandPass
from eventstore.integrity.verify.database import check_database, check_epochs, mark_of
from eventstore.integrity.verify.events import EventPass
from eventstore.integrity.verify.faults import Code, Faults, Place
from eventstore.integrity.verify.heads import Sealed, left_over, tell_losses
from eventstore.integrity.verify.keys import KeyPass
from eventstore.integrity.verify.outside import Outside
from eventstore.integrity.verify.pairs import Pairs
from eventstore.integrity.verify.regrown import Regrown
from eventstore.integrity.verify.report import Report, Scope
from eventstore.integrity.verify.rows import MALFORMED
from eventstore.integrity.verify.sample import verify_sample
from eventstore.integrity.verify.start import begin_at, number_of_first
from eventstore.integrity.verify.states import States
from eventstore.integrity.verify.streams import StreamPass
from eventstore.log.database import primary_rows
from eventstore.log.gc_pause import gc_paused
from eventstore.models import Command, Event, TreeHead, Verification
from eventstore.projecting.replay import Progress, no_progress


def verify(scope: Scope | None = None, progress: Progress = no_progress) -> Report:
    """Verify the log in the present database, and keep a record of the run; `progress` hears of rows.

    A database that follows another is verified up to its replicated mark, and keeps no record.

    Raises OSError for a file of heads that can't be read, and RangeDetached for a log whose beginning lies in an
    archive alone.
    """
    scope = scope or Scope()
    _must_be_here()
    with in_database(), _recorded(scope) as (report, sealed):
        outside = _read_outside(report, sealed, scope.seals)
        with _survived(report.faults):
            sealed.find_strays()
        with _survived(report.faults):
            if scope.sample:
                verify_sample(report, sealed, outside, progress)
            else:
                _verify(report, sealed, outside, progress)
        _check_the_rest(report)
    return report


def _must_be_here() -> None:
    """Digests and trees begin with the first row, so nothing is known of a log without its beginning."""
    with in_database():
        for name in ("events", "commands"):
            store().must_hold(name, 1)


@contextmanager
def _recorded(scope: Scope) -> Iterator[tuple[Report, Sealed]]:
    """Keep the record of a run, of which the end is empty until it is over."""
    record = Verification(began_at=timezone.now(), scope=scope.text)
    keeps = store().subscribes() or not store().follows()  # a standby keeps nothing
    if keeps:
        record.save(using=_alias())
    faults = Faults()
    newest = primary_rows(TreeHead).aggregate(newest=Max("id"))["newest"] or 0
    sealed = Sealed(faults, seal_keys.known_keys(), check_epochs(faults), newest)
    report = Report(scope, record.began_at, mark_of(faults), faults)
    yield report, sealed
    report.ended_at = record.ended_at = timezone.now()
    record.position, record.number = report.mark.position, report.mark.number
    record.events, record.commands = report.events, report.commands
    record.unsealed, record.faults = report.unsealed_rows, faults.total
    record.first_fault = faults.first.as_json() if faults.first else None
    if keeps:
        record.save(using=_alias())


@contextmanager
def _survived(faults: Faults) -> Iterator[None]:
    """Make a fault of values that no column may hold: nobody gets rid of a run by planting one.

    Trouble with the database itself goes on to the caller, and so does whoever stops the run.
    """
    try:
        yield
    except (*MALFORMED, LookupError) as error:
        faults.add(
            Place.DATABASE,
            Code.UNREADABLE,
            _("A column holds what the engine never writes, so not all could be looked at (%(kind)s: %(error)s).")
            % {"kind": type(error).__name__, "error": error},
        )


def _read_outside(report: Report, sealed: Sealed, file: Path | None) -> Outside:
    outside = Outside(report.faults, sealed)
    if file is not None:
        with _survived(report.faults):
            outside.read(file)
    report.heads_outside, report.heads_of_others = outside.known, outside.foreign
    if outside.foreign and not outside.known:
        report.faults.add(
            Place.SEALS,
            Code.NOT_KEPT,
            _("None of the %(count)s heads in the file is this log's: it is another log, or its id was changed.")
            % {"count": f"{outside.foreign:,}"},
        )
    return outside


def _verify(report: Report, sealed: Sealed, outside: Outside, progress: Progress) -> None:
    """Go through all events and commands in their orders, then through the heads of streams and the keys of persons."""
    faults, mark, since = report.faults, report.mark, report.scope.since
    grown = {tree: _regrown(tree, sealed, outside) for tree in Tree}
    number = number_of_first(since) if since else 0
    growing = {
        Tree.EVENTS: begin_at(grown[Tree.EVENTS], since),
        Tree.COMMANDS: begin_at(grown[Tree.COMMANDS], number),
    }
    pairs = Pairs(faults, since=since, to=mark.position, number=mark.number)
    states, keys = States(), KeyPass(faults, are_missed=not report.scope.without_keys)
    events = EventPass(faults, growing[Tree.EVENTS], pairs, since, mark.position, keys=keys, states=states)
    commands = CommandPass(faults, growing[Tree.COMMANDS], pairs, number, mark.number)
    with _survived(faults):
        _read_both(events, commands, pairs, progress)
    report.events, report.commands = events.count, commands.count
    for tree in Tree:
        with _survived(faults):
            _end_tree(report, sealed, tree, growing[tree])
    if not since:
        _recount(report)
    with _survived(faults):
        _verify_streams(report, states, progress)
    with _survived(faults):
        keys.open_all(progress)


def _read_both(events: EventPass, commands: CommandPass, pairs: Pairs, progress: Progress) -> None:
    """Read events and commands side by side, so that those that belong together come close to each other."""
    while count := _read_next(events, commands, pairs):
        progress(count)
    pairs.end()


def _read_next(events: EventPass, commands: CommandPass, pairs: Pairs) -> int:
    """Read a page of events and the commands that caused them, then the commands that are left; the number of rows."""
    with gc_paused():
        count = events.page()
        if not count:
            count = commands.page()
            pairs.settle(events.to)
            return count
        pairs.settle(events.at)
        while pairs.is_behind and not commands.is_over:
            count += commands.page()
            pairs.settle(events.at)
        if commands.is_over:
            pairs.shed()
    return count


def _regrown(tree: Tree, sealed: Sealed, outside: Outside) -> Regrown:
    """An empty tree, with the roots that it is to have by and by."""
    expected = merge(sealed.in_database(tree), outside.expected[tree], key=lambda head: head.size)
    covered = max(trees.size(tree), sealed.largest(tree))
    return Regrown(tree, sealed.faults, expected, sealed=covered, limit=sealed.limit_of_tiles(tree))


def _end_tree(report: Report, sealed: Sealed, tree: Tree, grown: Regrown | None) -> None:
    """Compare what is left of a tree, and tell how long its unsealed tail is."""
    if grown is None:
        report.told.append(
            _("The tree of %(tree)s does not reach that far back or was not trusted: its heads were not compared.")
            % {"tree": tree.label}
        )
        _tell_tail(report, tree)
        return
    rest = grown.end()
    lost = [*grown.lost, *left_over(report.faults, sealed, tree, rest, grown.size)]
    if lost:
        accepted = report.scope.accepted.union(getattr(settings, "ACCEPTED_EPOCHS", ()))
        report.lost += tell_losses(report.faults, sealed, tree, lost, accepted)
    if grown.sealed > grown.size and grown.limit is None and not rest:
        report.faults.add(
            Place.TREES,
            Code.CUT_OFF,
            _("The tiles of the tree have %(tiles)s leaves, but there are %(rows)s rows.")
            % {"tiles": f"{grown.sealed:,}", "rows": f"{grown.size:,}"},
            subject=tree,
        )
    report.heads += sealed.heads[tree]
    _tell_tail(report, tree)


def _tell_tail(report: Report, tree: Tree) -> None:
    """Tell how long the unsealed tail is, if its first row can be read."""
    with report.faults.caught(Place.TREES, Code.UNREADABLE, _("The first row that is not sealed can't be read."), tree):
        report.unsealed[tree] = tail_of(tree)


def _recount(report: Report) -> None:
    """Whether the stores have as many rows up to the mark as were read: below it nothing appears, or goes."""
    found = (
        primary_rows(Event).filter(position__lte=report.mark.position).count(),
        primary_rows(Command).filter(number__lte=report.mark.number).count(),
    )
    read = report.events, report.commands
    for place, now, before in zip((Place.EVENTS, Place.COMMANDS), found, read, strict=True):
        if now != before:
            report.faults.add(
                place,
                Code.APPEARED,
                _("Below the tidemark there are %(now)s rows, where %(before)s were read a moment ago.")
                % {"now": f"{now:,}", "before": f"{before:,}"},
            )


def _verify_streams(report: Report, states: States, progress: Progress) -> None:
    streams = StreamPass(report.faults, states)
    for count in streams.pages():
        progress(count)
    report.streams, report.folded, report.outdated = streams.count, streams.events, streams.outdated
    if streams.outdated:
        report.told.append(
            _("%(count)s heads hold a state of earlier code, which nobody uses.") % {"count": f"{streams.outdated:,}"}
        )


def _check_the_rest(report: Report) -> None:
    """Check the database around the log, and what the project itself has declared."""
    check_database(report.faults)
    for place, check in site_checks.items():
        with report.faults.caught(Place.SITE, Code.CHECK, _("A check of the project's has failed."), place):
            for finding in check():
                report.faults.add(Place.SITE, Code.CHECK, finding.problem, subject=finding.subject)


def _alias() -> str:
    return primary_rows(Verification).db
