"""The peers, each in an environment of its own under `.venv-peers/`, from pinned and hashed requirements."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENVS = HERE.parent / ".venv-peers"
UV = Path(sys.executable).with_name("uv")


def python_of(peer: str) -> str:
    """The Python that runs a peer; Tidemark's own for the empty name."""
    return str(VENVS / peer / "bin" / "python") if peer else sys.executable


def install(peers: Iterable[str]) -> None:
    """Makes the environments of peers that are missing or out of date."""
    for peer in sorted(set(peers) - {""}):
        wanted = requirements(peer).read_text()
        installed = VENVS / peer / "installed.txt"
        if not installed.exists() or installed.read_text() != wanted:
            sys.stderr.write(f"Installing {peer} into {VENVS.name}/ …\n")
            _uv("venv", "--clear", "--python", sys.executable, str(VENVS / peer))
            _uv("pip", "install", "--python", python_of(peer), "--require-hashes", "-r", str(requirements(peer)))
            installed.write_text(wanted)


def requirements(peer: str) -> Path:
    """The file of a peer's requirements."""
    return HERE / "requirements" / f"{peer}.txt"


def versions(peer: str) -> str:
    """The peer's pinned packages that bear on its speed, in one line."""
    pins = [line.split()[0] for line in requirements(peer).read_text().splitlines() if "==" in line]
    return ", ".join(pin.replace("==", " ") for pin in pins if pin.startswith(("event", "python-event", "psycopg=")))


def _uv(*arguments: str) -> None:
    subprocess.run([str(UV), "--quiet", *arguments], check=True)
