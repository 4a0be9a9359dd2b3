"""What the dashboard and the alerts ask Prometheus, and what documents say of them."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from eventstore.telemetry import catalogue
from tests.observability.monitor import FOLDER

INTERVAL: Final = "5m"  # stands for Grafana's $__rate_interval
NAME: Final = re.compile(r"\b(?:tidemark_\w+|up)\b")
SERIES: Final = {"up": "up"} | {series: metric.name for metric in catalogue.ALL for series in metric.series}


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text())
    return found


def expressions_of_panels() -> list[str]:
    """The expressions of the dashboard, annotations included."""
    board = dashboard()
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    asked += [each["expr"] for each in board["annotations"]["list"]]
    return [expression.replace("$__rate_interval", INTERVAL) for expression in asked]


def alerts() -> list[dict[str, str]]:
    """The alerts: their file has one key a line, and a reader of YAML is no part of this project."""
    found: list[dict[str, str]] = []
    for line in (FOLDER / "tidemark.rules.yml").read_text().splitlines():
        key, _, value = line.strip().removeprefix("- ").partition(": ")
        if key == "alert":
            found.append({})
        if found:
            found[-1][key] = value[1:-1] if value[:1] == "'" else value
    return found


def expressions_of_alerts() -> list[str]:
    return [alert["expr"] for alert in alerts()]


def series_in(expression: str) -> Iterator[str]:
    """The names of series in an expression."""
    return (match[0] for match in NAME.finditer(re.sub(r'"[^"]*"', '""', expression)))
