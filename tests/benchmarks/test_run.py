"""The benchmarks run: a small one, from the command line to the files that are kept."""

import json
from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.command import main


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
