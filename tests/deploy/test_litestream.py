"""SQLite under Litestream, by the file in deploy/litestream: any moment can be restored, to the last command."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings

from tests.deploy.recovery.drive import must_have_landed, run, site

CONFIGURATION: Final = settings.BASE_DIR / "deploy" / "litestream" / "litestream.yml"
LITESTREAM: Final = shutil.which("litestream", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}") or ""

pytestmark = pytest.mark.skipif(not LITESTREAM, reason="needs litestream")


class Litestream:
    """Litestream on a database of a folder, with its backups beside it."""

    def __init__(self, folder: Path) -> None:
        self.database, self.socket = folder / "tidemark.sqlite3", folder / "socket"
        self.environment = {
            **os.environ,
            "TIDEMARK_DATABASE": str(self.database),
            "TIDEMARK_BACKUPS": f"file://{folder / 'backups'}",
            "TIDEMARK_LITESTREAM_SOCKET": str(self.socket),
        }

    @contextmanager
    def replicating(self) -> Iterator[None]:
        command = [LITESTREAM, "replicate", "-config", str(CONFIGURATION)]
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                next(line for line in process.stdout if "replicating to" in line)
                yield
            finally:
                process.terminate()
                process.communicate()

    def sync(self) -> None:
        """Returns once all that is committed is in the backup."""
        run(LITESTREAM, "sync", "-wait", "-timeout", "300", "-socket", self.socket, self.database)

    def restore(self, target: Path, *options: str) -> str:
        """A database of the past, as the address of one."""
        command: list[str | Path] = [
            LITESTREAM,
            "restore",
            "-config",
            CONFIGURATION,
            "-o",
            target,
            "-integrity-check",
            "full",
        ]
        run(*command, *options, self.database, env=self.environment)
        return f"sqlite:///{target}"


def test_a_time_is_restored_to_the_last_command(tmp_path: Path) -> None:
    litestream = Litestream(tmp_path)
    heads = tmp_path / "heads.txt"
    with site(f"sqlite:///{litestream.database}", SQLITE_CHECKPOINTS="0", SEAL_FILE=str(heads)) as live:
        live.do("install")
        live.do("write", 5)
        with litestream.replicating():
            live.do("manage", "run_projections", "--once")
            live.goes_on()
            litestream.sync()
            then = live.do("state")
            later = live.goes_on_and_is_seen()
            litestream.sync()
    restored = litestream.restore(tmp_path / "then.sqlite3", "-timestamp", then["now"])
    must_have_landed(restored, then, later, heads)
    with site(litestream.restore(tmp_path / "end.sqlite3")) as at_the_end:
        assert at_the_end.do("state")["log"] == later["log"]
