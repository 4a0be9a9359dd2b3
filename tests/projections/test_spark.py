"""Spark reads an archive as it is, and finds what DuckDB finds: `examples/spark`."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from eventstore.analysis import analysis
from tests.factories import DepositFactory, TransferFactory

# Spark is 300 MB, so it is on no list: `python3 -m venv .venv-spark && .venv-spark/bin/pip install pyspark`.
OWN = settings.BASE_DIR / ".venv-spark" / "bin" / "python"
PYTHON = str(OWN) if OWN.exists() else sys.executable if find_spec("pyspark") else ""

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.once("an archive is alike on both"),
    pytest.mark.skipif(not PYTHON or not shutil.which("java"), reason="NO SPARK RUNS: pyspark or Java is missing"),
]


def test_spark_and_duckdb_agree(tmp_path: Path) -> None:
    DepositFactory.create(amount=2**62)
    DepositFactory.create(amount=2**62)
    TransferFactory.create()
    call_command("archive", str(tmp_path / "archive"), stdout=StringIO())
    done = subprocess.run(
        [PYTHON, "examples/spark/questions.py", str(tmp_path / "archive")],
        cwd=settings.BASE_DIR,
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    with analysis(str(tmp_path / "archive")) as session:
        assert found["types"] == dict(session.run("SELECT type, count(*) FROM events GROUP BY 1").rows)
        paid = "SELECT sum(CAST(data ->> 'amount' AS BIGINT)) FROM events WHERE type = 'account.money_deposited'"
        assert [(found["paid_in"]["EUR"],)] == list(session.run(paid).rows)
