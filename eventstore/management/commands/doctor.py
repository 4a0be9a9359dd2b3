"""`manage.py doctor`: examines the installation, and names the remedy of each finding."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from eventstore.checks.doctor import Finding, examine
from eventstore.checks.doctor.findings import Level
from eventstore.management.log_command import LogCommand


class Command(LogCommand):
    help = (
        "Examine the code, the settings, the database, the log and the projections. One line for each finding: 'ok', "
        "'look' (it works, but not as it was meant) or 'act' (something fails, or will), and below it what to type "
        "next. Exits with 3 if anything is not 'ok', and with 0 if all is well. Warnings that you can "
        "live with are named in the setting SILENCED_SYSTEM_CHECKS."
    )
    requires_system_checks: list[str] = []  # it runs them itself, and reports them as findings

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json", help="findings for scripts")

    def handle(self, *args: Any, as_json: bool, **options: Any) -> None:
        found = examine()
        is_well = all(finding.level == Level.OK for finding in found)
        if as_json:
            self.stdout.write(json.dumps({"well": is_well, "findings": [asdict(finding) for finding in found]}))
        else:
            for finding in found:
                self._show(finding)
            self.stdout.write("All is well." if is_well else "There is something to do.")
        if not is_well:
            sys.exit(3)

    def _show(self, finding: Finding) -> None:
        style = {Level.OK: self.style.SUCCESS, Level.LOOK: self.style.WARNING, Level.ACT: self.style.ERROR}
        level = style[finding.level](f"{finding.level:<4}")
        self.stdout.write(f"{level}  {finding.subject}: {finding.says}")
        if finding.next:
            self.stdout.write(f"      → {finding.next}")
