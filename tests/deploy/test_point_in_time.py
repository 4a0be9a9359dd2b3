"""PostgreSQL as it was at a time, to the last command: by barman, and by deploy/postgresql/backup.sh."""

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from django.conf import settings

from tests.deploy.recovery.cluster import Cluster, found, run_as_postgres, server, twin
from tests.deploy.recovery.drive import Site, must_have_landed, run, site

DEPLOY: Final = settings.BASE_DIR / "deploy"
SCRIPT: Final = DEPLOY / "postgresql" / "backup.sh"
BARMAN: Final = found("barman", settings.BASE_DIR / ".venv-barman" / "bin")


class Live(NamedTuple):
    """A server, and a site that is busy on it."""

    cluster: Cluster
    site: Site
    heads: Path  # signed heads, outside of the database


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    with server() as cluster:
        heads = cluster.socket.parent / "heads.txt"
        with site(cluster.url, SEAL_FILE=str(heads)) as busy:
            busy.do("install")
            yield Live(cluster, busy, heads)


def copy_of(heads: Path) -> Path:
    """The file as it is: the restored site goes on with the copy, and the live one with its own."""
    return Path(shutil.copy(heads, heads.with_name(f"{heads.name}.copy")))


class Script:
    """deploy/postgresql/backup.sh, beside a server."""

    def __init__(self, live: Cluster) -> None:
        self.live = live
        self.environment = {
            "PATH": f"{live.binaries}:{os.environ['PATH']}",
            "BACKUPS": str(live.socket / "backups"),
            "PGHOST": str(live.socket),
            "PGUSER": "postgres",
        }

    def run(self, *arguments: str | Path) -> str:
        return run_as_postgres(self.live.socket, ["/bin/sh", str(SCRIPT), *map(str, arguments)], env=self.environment)

    def receive(self) -> None:
        """Receive the log up to where it ends now; the service goes on for ever."""
        end = self.live.ask("SELECT pg_current_wal_flush_lsn()")
        self.run("wal", f"--endpos={end}", "--no-loop", "--status-interval=1")


def test_an_incremental_backup_and_the_log_give_back_any_time(live: Live) -> None:
    script = Script(live.cluster)
    script.receive()  # from here on the server keeps the log for the receiver
    live.site.goes_on()
    script.run("full", "--no-sync")
    live.site.do("manage", "run_projections", "--once")
    live.site.goes_on()
    script.run("incremental", "--no-sync")
    then = live.site.goes_on()
    later = live.site.goes_on_and_is_seen()
    kept = copy_of(live.heads)
    script.receive()
    data = live.cluster.socket / "then" / "data"
    assert "-incremental" in script.run("restore", data, then["now"])
    with twin(live.cluster, data).running() as restored:
        must_have_landed(restored.url, then, later, kept)


def test_the_script_tells_how_it_is_used() -> None:
    done = subprocess.run(["/bin/sh", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    for line in ("backup.sh full", "backup.sh incremental", "backup.sh wal", "backup.sh restore DATA '2"):
        assert line in done.stdout


class Barman:
    """barman by deploy/barman/tidemark.conf, with another server than the one in the file, and its roles."""

    def __init__(self, live: Cluster, folder: Path) -> None:
        self.folder = folder
        text = (DEPLOY / "barman" / "tidemark.conf").read_text()
        changes = {
            "host=database.internal": f"host={live.socket}",
            "/usr/lib/postgresql/18/bin": str(live.binaries),
        }
        for before, after in changes.items():
            assert before in text
            text = text.replace(before, after)
        (folder / "barman.d").mkdir()
        (folder / "barman.d" / "tidemark.conf").write_text(text)
        self.configuration = folder / "barman.conf"
        self.configuration.write_text(
            f"[barman]\nbarman_user = {getpass.getuser()}\nbarman_home = {folder}\nlog_file = {folder}/log\n"
            f"configuration_files_directory = {folder}/barman.d\n"
        )

    def run(self, *arguments: str | Path) -> str:
        return run(BARMAN, "-c", self.configuration, *arguments)

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """The receiver of the log, which `barman cron` keeps running."""
        command = [BARMAN, "-c", str(self.configuration), "receive-wal", "tidemark"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                next(line for line in process.stdout if "starting log streaming" in line)
                yield
            finally:
                process.terminate()
                process.communicate()


def roles_of_the_file() -> str:
    """The statements that the head of barman's file shows."""
    lines = (DEPLOY / "barman" / "tidemark.conf").read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if "CREATE ROLE barman" in line)
    end = next(number for number, line in enumerate(lines) if "CREATE ROLE streaming_barman" in line)
    return "\n".join(line.removeprefix(";") for line in lines[start : end + 1])


@pytest.mark.skipif(not BARMAN, reason="NO BACKUP BY BARMAN IS RESTORED: barman is not installed")
def test_barman_gives_back_any_time(live: Live, tmp_path: Path) -> None:
    live.cluster.ask(roles_of_the_file())
    barman = Barman(live.cluster, tmp_path)
    barman.run("receive-wal", "--create-slot", "tidemark")
    with barman.receiving():
        barman.run("switch-wal", "--archive", "--force", "tidemark")
        live.site.goes_on()
        barman.run("backup", "--wait", "tidemark")
        live.site.goes_on()
        barman.run("backup", "--wait", "--incremental", "last-full", "tidemark")
        then = live.site.goes_on()
        later = live.site.goes_on_and_is_seen()
        kept = copy_of(live.heads)
        barman.run("switch-wal", "--archive", "--force", "tidemark")
        barman.run("check", "tidemark")
    data = live.cluster.socket / "by-barman" / "data"
    barman.run("restore", "--target-time", then["now"], "--target-action", "promote", "tidemark", "latest", data)
    with twin(live.cluster, data).running() as restored:
        must_have_landed(restored.url, then, later, kept)
