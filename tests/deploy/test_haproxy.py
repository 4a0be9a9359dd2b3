"""The proxy of the documented set-up, before the site: what is half sent ends there."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings

from config.lanes import WAITING
from config.management.commands.serve import THREADS
from tests.wire.serving import Server, crowd, served, started
from tests.wire.test_half_requests import CROWD, HALF_BODY, HALF_HEAD, HEAD

CONFIGURATION: Final = settings.BASE_DIR / "deploy" / "haproxy.cfg"
HAPROXY: Final = shutil.which("haproxy", path=f"{os.environ['PATH']}:/usr/sbin")
CLOSED: Final = "Host: localhost\r\nConnection: close\r\n"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(HAPROXY is None, reason="needs haproxy"),
]


@contextmanager
def proxy(folder: Path, site: int, *changes: tuple[str, str]) -> Iterator[Server]:
    """The proxy before a site, as its file has it, but for who it runs as, its size and port, and a few numbers."""
    text = CONFIGURATION.read_text()
    usual = [("user haproxy", ""), ("group haproxy", ""), ("maxconn 8000", "maxconn 3000")]
    for before, after in (*usual, (":8000 ", f":{site} "), *changes):
        assert before in text
        text = text.replace(before, after)
    file = folder / "haproxy.cfg"

    def start(port: int) -> "subprocess.Popen[bytes]":
        file.write_text(text.replace(":80\n", f"127.0.0.1:{port}\n"))
        assert HAPROXY
        return subprocess.Popen([HAPROXY, "-f", str(file)], stdout=subprocess.DEVNULL)

    port, process = started(start)
    try:
        yield Server(port)
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def environment(program_environment: dict[str, str]) -> dict[str, str]:
    return {**program_environment, "TRUSTED_PROXIES": "1", "THROTTLE_SIGN_IN": "2/day"}


def test_its_configuration_is_well_formed() -> None:
    assert HAPROXY
    text = CONFIGURATION.read_text().replace("user haproxy", "").replace("group haproxy", "")
    done = subprocess.run([HAPROXY, "-c", "-f", "/dev/stdin"], input=text, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_crowd_of_half_requests_is_in_nobodys_way(environment: dict[str, str], tmp_path: Path) -> None:
    """The proxy waits for each of the crowd for longer than the test takes."""
    patient = [(f"timeout {name} 10s", f"timeout {name} 10h") for name in ("http-request", "http-keep-alive")]
    with (
        served(environment, workers=2) as (site, _),
        proxy(tmp_path, site.port, *patient) as server,
        crowd(server, CROWD),
    ):
        for _ in range(5):
            assert server.send(f"GET /livez HTTP/1.1\r\n{CLOSED}\r\n") == (200, b"ok\n")
            status, page = server.send(f"GET /sign-in HTTP/1.1\r\n{CLOSED}\r\n")
            assert (status, b"</html>" in page) == (200, True)
            assert server.send(f"POST /api/v1/token HTTP/1.1\r\nConnection: close\r\n{HEAD}{' ' * 100}")[0] == 400


def test_who_is_too_slow_is_given_up(environment: dict[str, str], tmp_path: Path) -> None:
    hasty = ("timeout http-request 10s", "timeout http-request 1s")
    with served(environment) as (site, _), proxy(tmp_path, site.port, hasty) as server:
        for half in (HALF_BODY, HALF_HEAD):
            assert server.exchange(half).startswith(b"HTTP/1.1 408")


def test_the_site_believes_the_proxy_and_nobody_else(environment: dict[str, str], tmp_path: Path) -> None:
    """Whatever address a client claims, its wrong passwords count as its own."""
    with served(environment) as (site, _), proxy(tmp_path, site.port) as server:
        statuses = [_sign_in(server, f"X-Forwarded-For: 10.0.0.{number}\r\n") for number in range(4)]
    assert statuses == [401, 401, 429, 429]


def test_one_address_can_not_ask_without_end(environment: dict[str, str], tmp_path: Path) -> None:
    few = ("sc_http_req_rate(0) gt 3000", "sc_http_req_rate(0) gt 0")
    with served(environment) as (site, _), proxy(tmp_path, site.port, few) as server:
        assert server.send(f"GET /sign-in HTTP/1.1\r\n{CLOSED}\r\n")[0] == 429
        status, body = server.send(f"GET /api/v1/me HTTP/1.1\r\n{CLOSED}\r\n")
        assert (status, json.loads(body)["code"]) == (429, "THROTTLED")


def test_pages_are_led_to_https_and_the_api_is_refused_without(environment: dict[str, str], tmp_path: Path) -> None:
    """As the line in the file has it, once it is taken in; a monitor inside is told how the site is, well or not."""
    led = ("# http-request redirect", "http-request redirect")
    plain = {"/sign-in": {301}, "/api/v1/me": {403}, "/livez": {200}, "/readyz": {200, 503}, "/healthz": {200, 503}}
    with served(environment, https=True) as (site, _), proxy(tmp_path, site.port, led) as server:
        found = {path: server.send(f"GET {path} HTTP/1.1\r\n{CLOSED}\r\n")[0] for path in plain}
    assert [(path, status) for path, status in found.items() if status not in plain[path]] == []


def test_requests_wait_at_the_site_where_addresses_take_turns() -> None:
    """No address fills what the site is given at a time, nor does a lane of the site."""
    text = CONFIGURATION.read_text()
    given, allowed = (int(re.findall(pattern, text)[-1]) for pattern in (r"maxconn (\d+)", r"conn_cur\(0\) gt (\d+)"))
    assert given > allowed
    assert given > 8 * (WAITING + THREADS)


def _sign_in(server: Server, claim: str) -> int:
    body = json.dumps({"email": "ada@example.org", "password": "wrong"})
    head = f"POST /api/v1/token HTTP/1.1\r\n{CLOSED}{claim}Content-Type: application/json\r\n"
    return server.send(f"{head}Content-Length: {len(body)}\r\n\r\n{body}")[0]
