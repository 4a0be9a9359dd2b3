"""A real Prometheus that scrapes a site by the configuration in `deploy/observability/`."""

import http.client
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from django.conf import settings

from tests.wire.serving import started

FOLDER: Final = Path(settings.BASE_DIR) / "deploy" / "observability"
PROMETHEUS: Final = shutil.which("prometheus")
PROMTOOL: Final = shutil.which("promtool")
GUARD_SECONDS: Final = 300.0  # against a figure that never comes; no measure
POLL_SECONDS: Final = 0.05

needs_prometheus = pytest.mark.skipif(
    not (PROMETHEUS and PROMTOOL), reason="NO METRIC IS SCRAPED, NO ALERT TESTED: prometheus is not installed"
)


class Monitor:
    """Prometheus, by its HTTP API."""

    def __init__(self, port: int) -> None:
        self.port = port

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What it answers to an expression, nothing while it starts; fails for one that it does not understand."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=GUARD_SECONDS)) as connection:
            connection.request("GET", f"/api/v1/query?{urlencode({'query': expression})}")
            response = connection.getresponse()
            if response.status == http.client.SERVICE_UNAVAILABLE:
                return []
            answer = json.loads(response.read())
        assert answer["status"] == "success", (expression, answer)
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def wait_for(self, expression: str, is_wanted: Callable[[float], bool]) -> None:
        """Wait until an expression has one value, which is wanted."""
        until, found = time.monotonic() + GUARD_SECONDS, self.query(expression)
        while not (len(found) == 1 and is_wanted(float(found[0]["value"][1]))):
            assert time.monotonic() < until, (expression, found)
            time.sleep(POLL_SECONDS)
            found = self.query(expression)


@contextmanager
def monitoring(folder: Path, target: str, token: str) -> Iterator[Monitor]:
    """Prometheus, scraping a target each second."""
    (folder / "token").write_text(token)
    text = (FOLDER / "prometheus.yml").read_text().replace("127.0.0.1:9464", target).replace("15s", "1s")
    text = text.replace("# authorization:", "authorization:").replace("#   credentials_file", "  credentials_file")
    text = text.replace("/etc/prometheus/tidemark.token", str(folder / "token"))
    text = text.replace("tidemark.rules.yml", str(FOLDER / "tidemark.rules.yml"))
    (folder / "prometheus.yml").write_text(text)
    assert PROMETHEUS

    def start(port: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [
                *(PROMETHEUS or "", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"),
                *(f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"),
            ]
        )

    port, process = started(start)
    try:
        yield Monitor(port)
    finally:
        process.terminate()
        process.wait()
