"""The units for systemd start every part, with commands that exist, and systemd itself finds no fault with them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from config.management.commands.serve import MANAGE, helpers

FOLDER = Path(MANAGE).parent / "deploy" / "systemd"
FOREIGN = {"tidemark-litestream"}  # of another program than ours
SERVICES = [unit for unit in sorted(FOLDER.glob("*.service")) if unit.stem not in FOREIGN]
TIMERS = sorted(FOLDER.glob("*.timer"))
UNITS = [unit for unit in SERVICES if not unit.with_suffix(".timer").exists()]  # that run all the time
ANALYZE = shutil.which("systemd-analyze")


def lines(unit: Path, key: str) -> list[str]:
    """The values that a unit gives to a key."""
    return [line.partition("=")[2] for line in unit.read_text().splitlines() if line.startswith(f"{key}=")]


def command_of(unit: Path) -> list[str]:
    (line,) = lines(unit, "ExecStart")
    _, _, command = line.partition("manage.py ")
    return command.split()


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_command_that_exists(unit: Path) -> None:
    name, *options = command_of(unit)
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    parser.parse_args(options)


def test_every_part_that_serve_starts_has_a_unit() -> None:
    started = {name for name, *_ in map(command_of, UNITS)}
    assert started == {
        "serve",
        "watch_projections",
        "relay",
        "metrics",
        *helpers(),
    }  # two that wait unless something is set


def test_the_target_wants_every_unit() -> None:
    (wanted,) = lines(FOLDER / "tidemark.target", "Wants")
    assert UNITS
    assert set(wanted.split()) == {unit.name for unit in UNITS}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_part_that_ends_or_hangs_is_started_again(unit: Path) -> None:
    assert (lines(unit, "Restart"), lines(unit, "Type"), lines(unit, "StartLimitIntervalSec")) == (
        ["always"],
        ["notify"],
        ["0"],
    )
    assert lines(unit, "WatchdogSec") == ["30"]


@pytest.mark.parametrize("timer", TIMERS, ids=lambda timer: timer.stem)
def test_what_a_timer_starts_ends_by_itself(timer: Path) -> None:
    assert lines(timer.with_suffix(".service"), "Type") == ["oneshot"]
    assert lines(timer, "Persistent") == ["true"]


@pytest.mark.skipif(not ANALYZE, reason="NO UNIT IS VERIFIED: systemd-analyze is not installed")
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    found = [unit for unit in sorted(FOLDER.iterdir()) if unit.suffix in {".service", ".timer", ".target"}]
    for unit in found:
        text = unit.read_text().replace("/srv/tidemark/.venv/bin/python", sys.executable)
        (tmp_path / unit.name).write_text(text.replace("/usr/bin/litestream", sys.executable))
    units = [str(tmp_path / unit.name) for unit in found if unit.suffix != ".target"]
    assert ANALYZE
    done = subprocess.run([ANALYZE, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    own = [line for line in (done.stdout + done.stderr).splitlines() if "tidemark" in line]
    assert (done.returncode, own) == (0, []), done.stderr
