"""`manage.py seal`: signs the heads of the trees over events and commands."""

import base64
import json
import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser
from django.db import Error, close_old_connections

from eventstore import service
from eventstore.checks.watch.epochs import sentence_of
from eventstore.integrity import seal_keys, trees
from eventstore.integrity.restores import unconfirmed
from eventstore.integrity.sealer import Sealer, TreeDiffers
from eventstore.integrity.tail import tail_of
from eventstore.integrity.trees import Tree
from eventstore.management.log_command import LogCommand
from eventstore.management.progress import progress_bar
from eventstore.models import Epoch, TreeHead

logger = logging.getLogger(__name__)

TROUBLES = (TreeDiffers, ImproperlyConfigured, OSError, Error)


EXAMPLES = """\
examples:
  manage.py seal --new-key             once: makes a key, in the file that SEAL_KEY_FILE names
  manage.py seal                       signs what is new
  manage.py seal --watch --every 10    goes on until stopped (Ctrl-C or SIGTERM); `serve` runs it
  manage.py seal --keys                the public keys, to be published: who verifies needs them

exit codes:
  0  sealed, or nothing was new
  3  what is stored does not follow from what was signed before, so nothing is signed: manage.py verify says more
  1  it could not be done, for example without a key
"""


class Stopped(Exception):
    """Somebody has asked to stop in the middle of a long seal; what is done is kept."""


class Command(LogCommand):
    help = (
        "Seal what was recorded: make a leaf of each new event and each new command in two Merkle trees, sign the "
        "heads of the trees, append them to SEAL_FILE, store them, and print them, each followed by an empty line. "
        "Nobody can change, insert or delete anything below a head any more without contradicting it: manage.py verify "
        "finds it, and whoever has kept the head can prove it. A head is a signed note as transparency logs have it "
        "(c2sp.org/tlog-checkpoint). It costs what is new; where nothing is new, nothing is signed. SEAL_WITNESS_URL "
        "names a witness that signs as well, SEAL_TIMESTAMP_URL an authority that stamps each head with the time (RFC "
        "3161); if one of them does not answer, the head is made without, and it is asked again next time."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until stopped")
        parser.add_argument("--every", type=_pause, default=10.0, metavar="SECONDS", help="with --watch [%(default)g]")
        parser.add_argument("--json", action="store_true", help="print JSON; with --watch a line for each head")
        parser.add_argument("--keys", action="store_true", help="print the public keys as verifiers take them, and end")
        parser.add_argument(
            "--new-key",
            action="store_true",
            help="put a new key before the others in SEAL_KEY_FILE, print the public keys, and end; the first heads of "
            "the new key are signed by the one before as well",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new_key"] or options["keys"]:
            self._keys(is_new=options["new_key"], as_json=options["json"])
            return
        service.notice_restores()
        if options["watch"]:
            self._watch(options["every"], as_json=options["json"])
        else:
            self._once(options)

    def _keys(self, *, is_new: bool, as_json: bool) -> None:
        try:
            if is_new:
                seal_keys.make_key()
            keys = list(map(str, seal_keys.known_keys()))
        except (ImproperlyConfigured, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps({"keys": keys}) if as_json else "\n".join(keys) or "There is no key yet.")

    def _once(self, options: dict[str, Any]) -> None:
        with progress_bar(sum(tail_of(tree).rows for tree in Tree), "rows", options) as progress:
            sealer = Sealer(progress)
            heads, troubles = list[TreeHead](), list[Exception]()
            for tree in Tree:
                try:
                    heads += filter(None, [sealer.seal(tree)])
                except TROUBLES as error:
                    troubles.append(error)
        if not heads and (failed := next((each for each in troubles if isinstance(each, Error)), None)):
            raise failed  # the database: that is no report
        noticed = unconfirmed()
        if options["json"]:
            report = {"heads": list(map(_as_json, heads)), "errors": _said(troubles)}
            self.stdout.write(json.dumps({**report, "unconfirmed_epoch": noticed.epoch if noticed else None}))
        else:
            self._print(heads, "" if troubles else _nothing())
        if noticed:
            self.stderr.write(_warning_of(noticed))
        _raise(troubles)

    def _print(self, heads: list[TreeHead], otherwise: str) -> None:
        for head in heads:
            self.stdout.write(f"{head.note}\n")  # with the empty line that ends a note in a file of heads
        if not heads and otherwise:
            self.stdout.write(otherwise)

    def _watch(self, every: float, *, as_json: bool) -> None:
        """Seals from time to time, until stopped; tells of each trouble once, when it begins."""
        with service.running() as stop:
            if not as_json:
                self._say(f"Sealing every {every:g} seconds. Stop with Ctrl-C.")
            sealer, told, warned = Sealer(_until(stop)), dict[Tree, str](), ""
            while not stop.is_set():
                close_old_connections()  # if the database was away, it is connected to anew
                for tree in Tree:
                    told[tree] = self._seal(sealer, tree, told.get(tree, ""), as_json=as_json)
                warned = _warn(warned)
                stop.wait(every)
        if not as_json:
            self._say("Stopped.")

    def _seal(self, sealer: Sealer, tree: Tree, told: str, *, as_json: bool) -> str:
        """Seals one tree; returns the trouble that there is, having told of it unless it is known."""
        try:
            head = sealer.seal(tree)
        except Stopped:
            return told
        except TROUBLES as error:
            if str(error) != told:
                _log(tree, error)
            return str(error)
        if head:
            self._say(json.dumps(_as_json(head)) if as_json else f"{head.note}\n")
        return ""

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()  # a log collector, which may be out of this machine's reach, has it at once


def _until(stop: service.Stop) -> Callable[[int], None]:
    """Between two pages, tells the service manager that the program is well, and ends a seal that is to stop."""

    def look(_: int) -> None:
        if stop.is_set():
            raise Stopped

    return look


def _warn(warned: str) -> str:
    """Log once that an epoch has begun by itself, until a person confirms it; the warning that there is."""
    try:
        noticed = unconfirmed()
    except Error:
        return warned  # the database is away, as each tree says
    warning = _warning_of(noticed) if noticed else ""
    if warning and warning != warned:
        logger.warning("%s", warning)
    return warning


def _warning_of(noticed: Epoch) -> str:
    return f"{sentence_of(noticed)} Until a person confirms it, what is sealed may be a forgery."


def _log(tree: Tree, error: Exception) -> None:
    what = f"The tree of {tree} is not sealed; it is tried again."
    if isinstance(error, Error):
        service.log_error(logger, what, error)
    else:
        logger.error("%s %s", what, error)


def _raise(troubles: list[Exception]) -> None:
    """Ends the command with what was found, or with what could not be done."""
    if not troubles:
        return
    is_found = any(isinstance(error, TreeDiffers) for error in troubles)
    raise CommandError("\n".join(_said(troubles)), returncode=3 if is_found else 1) from troubles[0]


def _said(troubles: list[Exception]) -> list[str]:
    """What is wrong, once, also where it is wrong with both trees."""
    return list(dict.fromkeys(map(str, troubles)))


def _nothing() -> str:
    newest = [head for tree in Tree if (head := trees.newest_head(tree))]
    if not newest:
        return "There is nothing to seal yet."
    return f"Nothing is new since {max(head.signed_at for head in newest):%Y-%m-%d %H:%M:%S} UTC."


def _as_json(head: TreeHead) -> dict[str, Any]:
    return {
        "tree": head.tree,
        "epoch": head.epoch,
        "size": head.size,
        "position": head.position,
        "root": base64.b64encode(head.root).decode(),
        "note": head.note,
        "timestamp": base64.b64encode(head.timestamp).decode() if head.timestamp else None,
        "signed_at": head.signed_at.isoformat(),
    }


def _pause(text: str) -> float:
    """Parse the seconds between two seals, one tenth at least."""
    return max(0.1, float(text))
