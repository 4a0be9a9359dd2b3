"""PostgreSQL as it was at a time, by pgBackRest with its file in deploy/; on a version that Debian's knows."""

import os
import shutil
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings

from tests.deploy.recovery.cluster import Cluster, room, run_as_postgres, twin
from tests.deploy.recovery.drive import must_have_landed, site

CONFIGURATION: Final = settings.BASE_DIR / "deploy" / "pgbackrest" / "pgbackrest.conf"
PGBACKREST: Final = shutil.which("pgbackrest")
PROGRAMS: Final = next(
    (path for path in sorted(Path("/usr/lib/postgresql").glob("*/bin")) if (path / "initdb").exists()), None
)

pytestmark = pytest.mark.skipif(
    not (PGBACKREST and PROGRAMS),
    reason="NO BACKUP BY PGBACKREST IS RESTORED: it, or Debian's PostgreSQL, is not installed",
)


class PgBackRest:
    """pgBackRest by its file, with other folders than the ones in the file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        text = CONFIGURATION.read_text()
        changes = {
            "/var/lib/pgbackrest": f"{folder}/repository\n"
            + "\n".join(f"{name}-path={folder}/{name}" for name in ("lock", "log", "spool")),
            "/var/lib/postgresql/15/main": f"{folder}/data\npg1-socket-path={folder}\npg1-user=postgres",
        }
        for before, after in changes.items():
            assert before in text
            text = text.replace(before, after)
        self.file = folder / "pgbackrest.conf"
        self.file.write_text(text)

    @property
    def archive_command(self) -> str:
        """As the head of the file has it, but for where the file is."""
        (line,) = [line for line in CONFIGURATION.read_text().splitlines() if "archive_command =" in line]
        return line.partition("= ")[2].strip("'").replace("pgbackrest ", f"pgbackrest --config={self.file} ")

    def run(self, *arguments: str) -> str:
        environment = {"PATH": os.environ["PATH"]}
        command = ["pgbackrest", f"--config={self.file}", "--stanza=tidemark", *arguments]
        return run_as_postgres(self.folder, command, env=environment)


def test_pgbackrest_gives_back_any_time() -> None:
    assert PROGRAMS
    with room() as folder:
        live = Cluster(folder / "live" / "data", PROGRAMS)
        live.socket.mkdir()
        backups = PgBackRest(live.socket)
        live.make("archive_mode = on", f"archive_command = '{backups.archive_command}'")
        with live.running():
            live.make_database()
            backups.run("stanza-create")
            with site(live.url, SEAL_FILE=str(folder / "heads.txt")) as busy:
                busy.do("install")
                busy.goes_on()
                backups.run("--type=full", "backup")
                busy.do("manage", "run_projections", "--once")
                busy.goes_on()
                backups.run("--type=incr", "backup")
                then = busy.goes_on()
                later = busy.goes_on_and_is_seen()
                backups.run("check")  # it has the server end its file of the log, and waits until that has arrived
            data = live.socket / "then" / "data"
            data.mkdir(parents=True)
            twin(live, data)
            target = f"--target={then['now']}"
            backups.run("--type=time", target, "--target-action=promote", f"--pg1-path={data}", "restore")
            with twin(live, data).running() as restored:
                must_have_landed(restored.url, then, later, folder / "heads.txt")
