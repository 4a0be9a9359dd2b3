"""Runs several commands of `manage.py` in one program, and tells as JSON how each ended.

Its argument is a list of lists: the name of a command, and its arguments.
"""

import contextlib
import io
import json
import sys
import traceback
from typing import Any

import django
from django.core.management import get_commands, load_command_class
from django.db import connections


def run(name: str, *arguments: str) -> dict[str, Any]:
    """Run a command as the command line does."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            load_command_class(get_commands()[name], name).run_from_argv(["manage.py", name, *arguments])
            code: object = 0
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            traceback.print_exc()
            code = 1
    connections.close_all()
    return {"name": name, "code": code, "out": out.getvalue(), "err": err.getvalue()}


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps([run(*words) for words in json.loads(sys.argv[1])]))
