"""The `.env` that `make run` writes is complete, secret and never overwritten."""

import base64
import stat
from pathlib import Path

import pytest

from config import fresh_env


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds `.env.example` alone."""
    (tmp_path / ".env.example").write_text((fresh_env.ROOT / ".env.example").read_text())
    monkeypatch.setattr(fresh_env, "ROOT", tmp_path)
    return tmp_path


def variables(file: Path) -> dict[str, str]:
    """The variables that a file sets."""
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_the_example_sets_nothing() -> None:
    assert variables(fresh_env.ROOT / ".env.example") == {}


def test_it_holds_fresh_secrets(folder: Path) -> None:
    fresh_env.main()
    made = variables(folder / ".env")
    approvals = {"APPROVAL_ABOVE", "APPROVAL_ABOVE_IN"}
    secrets, demo = {"SECRET_KEY", "PERSONAL_DATA_KEY"}, {"HTTPS", "DEMO_RAILS", "STAFF_SECOND_FACTOR", "ERASURE_LIST"}
    assert set(made) == secrets | demo | approvals
    assert made["STAFF_SECOND_FACTOR"] == "0"
    assert len(base64.b64decode(made["PERSONAL_DATA_KEY"])) == 32


def test_nobody_else_can_read_it(folder: Path) -> None:
    fresh_env.main()
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600


def test_it_never_replaces_one(folder: Path) -> None:
    (folder / ".env").write_text("SECRET_KEY=mine\n")
    with pytest.raises(FileExistsError):
        fresh_env.main()
    assert variables(folder / ".env") == {"SECRET_KEY": "mine"}
