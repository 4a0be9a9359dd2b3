"""A program of the project on a scratch database: `python -m eventstore.drill.program ALIAS NAME COMMAND …`.

The settings are the project's own, but for the log's database, and for what would reach out of the drill.
"""

import sys
from typing import Any, Final

from django.conf import settings
from django.core.management import execute_from_command_line

from eventstore.backends.configured import setting

# Nobody outside is told of a scratch database: no file of heads, no witness, no file of what a node has seen.
OUTSIDE: Final = ("SEAL_FILE", "SEAL_WITNESS_URL", "SEAL_TIMESTAMP_URL", "LOG_STATE_FILE")


def scratch_settings(alias: str, name: str) -> dict[str, Any]:
    """The settings of the scratch database, as in DATABASES: those of the setting RESTORE_DRILL_DATABASE, if given.

    Otherwise they are the live database's, with another name.
    """
    given: dict[str, Any] | None = setting("RESTORE_DRILL_DATABASE")
    return dict(given) if given else {**settings.DATABASES[alias], "NAME": name}


def main(alias: str, name: str, *command: str) -> None:
    """Run a command of manage.py with the scratch database in place of an alias."""
    settings.DATABASES = {**settings.DATABASES, alias: scratch_settings(alias, name)}
    for outside in OUTSIDE:
        setattr(settings, outside, "")
    execute_from_command_line(["manage.py", *command])


if __name__ == "__main__":
    main(*sys.argv[1:])
