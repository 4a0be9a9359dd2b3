"""Where the figures come from: the machine, the versions, the server's settings."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.peers import versions

OWN = ("Django", "psycopg", "msgspec", "granian")
SYNCS = 200


def machine(folder: Path, peers: Iterable[str], postgres: dict[str, str]) -> dict[str, Any]:
    """The facts by which a reader can judge the figures."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "processor": f"{_line('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores",
        "memory": _line("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.release()}",
        "load": round(os.getloadavg()[0], 2),
        "file system": file_system(folder),
        "fdatasync_ms": round(_sync_time(folder), 3),
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in OWN),
        "peers": {peer: versions(peer) for peer in sorted(set(peers) - {""})},
        "postgresql": postgres,
    }


def file_system(folder: Path) -> str:
    """The type of the file system that a folder is on, as Linux names it; `unknown` elsewhere."""
    command = ["/usr/bin/stat", "--file-system", "--format=%T", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


def _sync_time(folder: Path) -> float:
    """The median time of an fdatasync of 8 KiB, in milliseconds: the floor under every commit."""
    times = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(bytes(8192))
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times)


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


def _line(file: str, name: str) -> str:
    """The value in a file of lines `name: value`, as Linux has them."""
    path = Path(file)
    lines = path.read_text().splitlines() if path.exists() else []
    found = [line.partition(":")[2].strip() for line in lines if line.startswith(name)]
    return found[0] if found else platform.machine()
