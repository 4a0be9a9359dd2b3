"""One of the cluster's programs: started, killed, started again; what it prints is in a file."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deploy.ha.cluster.plan import ROOT
from deploy.ha.cluster.programs import program

RESTART_SECONDS: Final = 1.0  # before a program that has ended is started again
END_SECONDS: Final = 60.0  # for a program to end when asked to
SURROUNDINGS: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "POSTGRES_PROGRAMS")
MARK: Final = "TIDEMARK_CLUSTER"  # a variable by which what an earlier cluster has left is known for its own
# As root: PostgreSQL, Patroni and pgbouncer refuse to be it. They are nobody, who may still read what only root can,
# such as this checkout.
AS_NOBODY: Final = ("--reuid=nobody", "--regid=nogroup", "--clear-groups")
READS_ALL: Final = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")


@dataclass
class Part:
    """A program that is to run until told otherwise."""

    name: str
    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None
    is_wanted: bool = False
    ended_at: float = 0.0
    starts: int = 0

    @property
    def log(self) -> Path:
        return self.folder / "log" / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        return self.folder / "pid" / self.name

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it, with its output appended to its log."""
        self.is_wanted = True
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,  # the site's programs belong there
                env={**surroundings(), **self.environment, MARK: str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the cluster alone, which ends its parts in order
            )
        self.pid_file.write_text(str(self.process.pid))

    def restart_if_ended(self) -> bool:
        """Start it again if it has ended by itself, a second later; whether that was done."""
        if not self.is_wanted or self.process is None or self.is_running:
            return False
        now = time.monotonic()
        if not self.ended_at:
            self.ended_at = now
        if now - self.ended_at < RESTART_SECONDS:
            return False
        self.ended_at = 0.0
        self.start()
        return True

    def kill(self, *, hold: bool = False) -> None:
        """Kill it and what it started in its session; with `hold` it stays down until `start`."""
        self.is_wanted = self.is_wanted and not hold
        if self.process:
            signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait; kill it if it does not."""
        self.ask_to_end()
        self.wait_for_end()

    def ask_to_end(self) -> None:
        """Ask it to end."""
        self.is_wanted = False
        if self.is_running and self.process:
            self.process.send_signal(signal.SIGTERM)

    def wait_for_end(self) -> None:
        """Wait until it has ended; kill it if that takes too long."""
        if self.process is None:
            return
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self.pid_file.unlink(missing_ok=True)


def surroundings() -> dict[str, str]:
    """What a part may know of who started it; no settings of another site."""
    return {name: os.environ[name] for name in SURROUNDINGS if name in os.environ}


def as_unprivileged(command: Sequence[str]) -> list[str]:
    """The command for a program that refuses to be root."""
    if os.geteuid() != 0:
        return list(command)
    return [program("setpriv"), *AS_NOBODY, *READS_ALL, *command]


def signal_group(pid: int, number: signal.Signals) -> None:
    """Signal a program and what it started in its session, if there is any."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def belongs_to(pid: int, folder: Path) -> bool:
    """Whether a process was started by a cluster in this folder."""
    with suppress(OSError):
        return f"{MARK}={folder}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return False


def family(pid: int) -> list[int]:
    """The ids of a process and of all that descend from it, by /proc."""
    parents = dict(_parents())
    found = [pid]
    for member in found:  # it grows meanwhile
        found += [child for child, parent in parents.items() if parent == member]
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            yield int(status.parent.name), int(status.read_text().rpartition(")")[2].split()[1])
