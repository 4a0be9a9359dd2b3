"""`manage.py begin_epoch`: begins a new epoch of the log, or confirms one that a start has begun by itself."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import Error

from eventstore.backends import log_transaction
from eventstore.integrity.restores import notice, remember_now, unconfirmed
from eventstore.log.identity import begin_epoch, identity, locked_cluster
from eventstore.management.log_command import LogCommand
from eventstore.models import Epoch

EXAMPLES = """\
examples:
  manage.py begin_epoch --reason "restored from Monday's backup: the disk was lost"
  manage.py begin_epoch --confirm    a start has begun one by itself (doctor says so), and you know why
  manage.py begin_epoch --if-changed the last step of a failover (docs/cluster.md): as each start does

exit codes:
  0  it has begun, is confirmed, or is not needed
  1  it could not be done, and nothing has changed
"""


class Command(LogCommand):
    help = (
        "Begin a new epoch of the log, after a restore, a promotion or a recovery to a point in time: all cursors that "
        "were told before are refused from now on (409 LOG_CHANGED) instead of naming other events, and their holders "
        "are told from where to go on. Each start of a program does so by itself where it notices that the database "
        "was changed; use this where it can't: for example on a new machine, which has seen nothing before. It loses "
        "nothing, and stops nobody. The reason is stored for ever, without names of persons. It also confirms what a "
        "start has noticed, so that doctor is content again; with --confirm it does that and nothing else."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--reason", metavar="TEXT", help="begin an epoch, and say why")
        what.add_argument("--confirm", action="store_true", help="confirm the epoch that a start has begun by itself")
        what.add_argument(
            "--if-changed",
            action="store_true",
            help="begin one only if the database was found changed, as a start does: the last step of a failover",
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="the log's id and epoch for scripts")

    def handle(self, *, reason: str | None, confirm: bool, if_changed: bool, as_json: bool, **_: Any) -> None:
        if not (confirm or if_changed) and not (reason := (reason or "").strip()):
            raise CommandError("Give a reason: it is what somebody will want to know years from now.")
        try:
            told = self._confirm() if confirm else self._notice() if if_changed else self._begin(reason or "")
            log_id, epoch, _began = identity()
        except (Error, LookupError) as error:
            raise CommandError(f"It could not be done, and nothing has changed: {error}") from error
        told = json.dumps({"log_id": str(log_id), "epoch": epoch}) if as_json else told
        self.stdout.write(told)

    def _begin(self, reason: str) -> str:
        with log_transaction():
            cluster = locked_cluster()
            begun = begin_epoch(Epoch.Cause.DECLARED, reason)
            cluster.confirmed = begun.epoch
            cluster.save(update_fields=["confirmed"])
        remember_now()
        return f"Epoch {begun.epoch} of the log {begun.log_id} has begun. Cursors from before are refused."

    def _notice(self) -> str:
        begun = notice()
        if begun is None:
            log_id, epoch, _began = identity()
            return f"Nothing contradicts the log {log_id}: its epoch {epoch} goes on."
        return f"Epoch {begun.epoch} of the log {begun.log_id} has begun. Confirm it once you know why: --confirm"

    def _confirm(self) -> str:
        with log_transaction():
            cluster = locked_cluster()
            noticed = unconfirmed()
            if noticed is None:
                return "Nothing waits to be confirmed."
            cluster.confirmed = noticed.epoch
            cluster.save(update_fields=["confirmed"])
        return f"Epoch {noticed.epoch} is confirmed. It had begun because: {noticed.reason}"
