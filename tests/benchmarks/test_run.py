"""The benchmarks run: a small one, from the command line to the files that are kept."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import conduct, results
from benchmarks.command import main
from benchmarks.contest import Benchmark
from benchmarks.report import BenchmarkReport, Report, Result
from benchmarks.team import SETTINGS


@pytest.mark.sqlite  # it starts a PostgreSQL of its own, so once is enough
def test_a_quick_run_measures_and_keeps_what_it_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    assert main(["--quick", "--no-peers", "--json", "--only", "append-100"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == json.loads((tmp_path / "trial.json").read_text())
    assert report["machine"]["postgresql"]["fsync"] == "on"
    [outcome] = report["outcomes"]
    assert [result["contender"] for result in outcome["results"]] == ["Tidemark", "psycopg by hand, one statement"]
    assert all(value > 0 for result in outcome["results"] for value in result["rounds"])
    assert (tmp_path / "trial.md").read_text().startswith("# Speed")
    assert (tmp_path / "trial.svg").exists()


def test_the_site_starts_with_its_settings() -> None:
    """A full run would show it, but takes long."""
    command = [sys.executable, "-c", "import config.settings"]
    started = subprocess.run(command, env=SETTINGS, capture_output=True, text=True, check=False)
    assert (started.returncode, started.stderr) == (0, "")


def test_the_help_names_every_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert "append-1x4" in told
    assert "A B C" in told


def test_a_benchmark_that_there_is_not_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "everything"])
    assert "append-1x4" in capsys.readouterr().err


def outcome(name: str) -> BenchmarkReport:
    return BenchmarkReport(name, name, "events/s", (Result("Tidemark", (1.0, 2.0), 1.5, 2.5, {"missed": 0}),), ())


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The benchmarks that are run, without running them; the one that is called `load-1000` kills the first run."""
    names: list[str] = []

    def run(benchmark: Benchmark, *_: object) -> BenchmarkReport:
        names.append(benchmark.name)
        if names == ["append-100", "load-1000"]:
            raise KeyboardInterrupt
        return outcome(benchmark.name)

    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(conduct, "run", run)
    return names


@pytest.mark.sqlite  # as above
def test_a_run_that_died_goes_on_with_what_is_missing(measured: list[str], tmp_path: Path) -> None:
    asked = ["--no-peers", "--only", "append-100", "--only", "load-1000"]
    with pytest.raises(KeyboardInterrupt):
        main(asked)
    main([*asked, "--continue"])
    assert measured == ["append-100", "load-1000", "load-1000"]
    kept = json.loads((tmp_path / "trial.json").read_text())
    assert [outcome["name"] for outcome in kept["outcomes"]] == ["append-100", "load-1000"]
    with pytest.raises(SystemExit, match="no unfinished run"):
        main([*asked, "--continue"])


@pytest.mark.sqlite  # as above
@pytest.mark.usefixtures("measured")
def test_figures_of_another_commit_are_not_mixed_with_those_of_this_one() -> None:
    results.keep_unfinished(Report({"commit": "another"}, (outcome("append-1x1"),)))
    with pytest.raises(SystemExit, match="commit was 'another'"):
        main(["--no-peers", "--continue", "--only", "append-100"])
