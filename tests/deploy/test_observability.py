"""Dashboard and alerts ask for what there is; Prometheus's own tool tests them, and the document explains them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from eventstore.telemetry import catalogue
from tests.architecture.test_docs import _missing_links
from tests.observability.boards import (
    SERIES,
    alerts,
    dashboard,
    expressions_of_alerts,
    expressions_of_panels,
    series_in,
)
from tests.observability.monitor import FOLDER, PROMTOOL, needs_prometheus

ROOT = Path(settings.BASE_DIR)
DOCUMENT = (ROOT / "docs" / "observability.md").read_text()
PROGRAM = "manage.py "
ASKED_BY_ALERTS = {"tidemark_database_up", "tidemark_last_drill_succeeded", "tidemark_wal_archiving_failing"}

pytestmark = pytest.mark.once("files alone")


def promtool(*arguments: str, cwd: Path = FOLDER) -> "subprocess.CompletedProcess[str]":
    assert PROMTOOL
    return subprocess.run([PROMTOOL, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


@needs_prometheus
def test_prometheus_finds_no_fault_with_rules_and_configuration() -> None:
    done = promtool("check", "config", "prometheus.yml")
    assert (done.returncode, f"{len(alerts())} rules found" in done.stdout) == (0, True), done


@needs_prometheus
def test_each_alert_fires_on_what_it_is_for() -> None:
    done = promtool("test", "rules", "tidemark.rules.test.yml")
    assert done.returncode == 0, done.stdout
    fired = set(re.findall(r'ALERTS\{alertname="(\w+)"', (FOLDER / "tidemark.rules.test.yml").read_text()))
    assert fired == {alert["alert"] for alert in alerts()}


@needs_prometheus
def test_an_alert_that_does_not_fire_is_noticed(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "tidemark.rules.test.yml", tmp_path)
    rules = (FOLDER / "tidemark.rules.yml").read_text()
    (tmp_path / "tidemark.rules.yml").write_text(rules.replace("_lag_seconds) > 60", "_lag_seconds) > 62"))
    assert promtool("test", "rules", "tidemark.rules.test.yml", cwd=tmp_path).returncode == 1


@pytest.mark.parametrize("expression", [*expressions_of_panels(), *expressions_of_alerts()])
def test_an_expression_asks_for_what_there_is(expression: str) -> None:
    found = set(series_in(expression))
    assert found
    assert found <= SERIES.keys()


def test_the_dashboard_shows_every_metric() -> None:
    shown = {SERIES[series] for expression in expressions_of_panels() for series in series_in(expression)}
    assert {metric.name for metric in catalogue.ALL} - shown == ASKED_BY_ALERTS
    ids = [panel["id"] for panel in dashboard()["panels"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_says_what_to_type_and_where_to_read(alert: dict[str, str]) -> None:
    assert f"| `{alert['alert']}` | {'page' if 'page' in alert['labels'] else 'ticket'} |" in DOCUMENT
    name = alert["command"].removeprefix(PROGRAM).split()[0]
    assert name in get_commands() or alert["command"].startswith("systemctl status tidemark-")
    link = alert["runbook"].removeprefix("docs/")
    assert list(_missing_links(ROOT / "docs" / "observability.md", f"[there]({link})")) == []


@pytest.mark.parametrize("metric", catalogue.ALL, ids=lambda metric: metric.name)
def test_a_metric_is_listed_with_its_labels(metric: catalogue.Metric) -> None:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "—"
    assert f"| `{metric.name}` | {metric.kind} | {labels} | {metric.says} |" in DOCUMENT


def test_nothing_else_is_listed() -> None:
    listed = set(re.findall(r"^\| `(tidemark_\w+)`", DOCUMENT, re.MULTILINE))
    assert listed == {metric.name for metric in catalogue.ALL}
