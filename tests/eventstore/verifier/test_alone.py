"""The verifier runs where there is no Django, no Tidemark and no network: from its one file, in an empty folder."""

import ast
import json
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest

import eventstore.verifier
from eventstore.proofs import verifier_file
from eventstore.proofs.program import verifier_file as made_anew
from tests.eventstore.verifier.sealed import EVENTS, KEY, event_proof

FOLDER = Path(eventstore.verifier.__path__[0])
NEEDED = ("cryptography", "cffi", "_cffi_backend", "pycparser")  # the package and what it needs itself

BLOCKED = """
import runpy, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        outside = top not in sys.stdlib_module_names and top not in ("cryptography", "_cffi_backend")
        if outside and name != "eventstore" and not name.startswith("eventstore.verifier"):
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

sys.meta_path.insert(0, Blocked())
sys.path.insert(0, sys.argv.pop(1))
runpy.run_module("eventstore.verifier", run_name="__main__", alter_sys=True)
"""


def test_it_imports_the_standard_library_cryptography_and_itself() -> None:
    modules = {name for path in FOLDER.glob("*.py") for name in imported(path)}
    foreign = {name for name in modules if name.partition(".")[0] not in sys.stdlib_module_names}
    assert {name for name in foreign if not name.startswith("eventstore.verifier")} == {
        "cryptography.exceptions",
        "cryptography.hazmat.primitives.asymmetric.ed25519",
    }


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    return found


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(event_proof()))
    return path


def test_it_runs_isolated_with_all_other_imports_blocked(proof: Path) -> None:
    root = str(FOLDER.parent.parent)
    command = [sys.executable, "-I", "-c", BLOCKED, root, str(proof), f"--key={KEY}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "HOLDS" in ended.stdout


@pytest.fixture
def bare_python(tmp_path: Path) -> Path:
    """A Python with cryptography and what that needs, and nothing else."""
    home = tmp_path / "bare"
    venv.create(home, with_pip=False, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    for name in NEEDED:
        if (spec := find_spec(name)) and spec.origin:
            origin = Path(spec.origin)
            source = origin.parent if origin.name == "__init__.py" else origin
            (packages / source.name).symlink_to(source)
    return home / "bin" / "python"


def run(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, "-I", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_its_file_runs_in_an_empty_folder(bare_python: Path, tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "verifier.pyz").write_bytes(verifier_file())
    (folder / "proof.json").write_text(json.dumps(event_proof()))
    (folder / "kept.txt").write_text(EVENTS.note(7))
    assert run(bare_python, folder, "-c", "import django").returncode == 1
    ended = run(bare_python, folder, "verifier.pyz", "proof.json", "--key", str(KEY), "--head", "kept.txt")
    assert (ended.returncode, ended.stderr) == (0, "")
    forged = event_proof()
    forged["event"]["data"] = '{"amount":50,"reference":"für Ä"}'
    (folder / "forged.json").write_text(json.dumps(forged))
    assert run(bare_python, folder, "verifier.pyz", "forged.json").returncode == 3


def test_it_says_what_it_needs_where_that_is_missing(bare_python: Path, tmp_path: Path) -> None:
    (tmp_path / "verifier.pyz").write_bytes(verifier_file())
    ended = run(bare_python, tmp_path, "-S", "verifier.pyz", "proof.json")
    assert ended.returncode == 1
    assert "pip install cryptography" in ended.stderr


def test_the_same_version_gives_the_same_file() -> None:
    assert verifier_file() == made_anew.__wrapped__()
