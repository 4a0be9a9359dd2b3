"""What a stranger begins and never ends keeps nobody else from being served."""

import json
from typing import Final

import pytest

from tests.wire.sending import stored
from tests.wire.serving import GUARD_SECONDS, crowd, received, served

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once("the server waits for it, and no database")]

HEAD: Final = "Host: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
HALF_BODY: Final = f"POST /api/v1/customers HTTP/1.1\r\n{HEAD}{{"
HALF_FORM: Final = f"POST /sign-in HTTP/1.1\r\n{HEAD}username="
HALF_HEAD: Final = "GET /sign-in HTTP/1.1\r\nHost: local"
KEPT_ALIVE: Final = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
CROWD: Final = {HALF_BODY: 40, HALF_FORM: 40, HALF_HEAD: 40, KEPT_ALIVE: 40, "": 1_000}
PAGES: Final = ("/livez", "/sign-in", "/api/v1/heads")


def test_a_crowd_of_half_requests_is_in_nobodys_way(program_environment: dict[str, str]) -> None:
    """Nothing of the crowd ends meanwhile: there is a place for each, and for others."""
    with served({**program_environment, "BODY_SECONDS": "100000"}, workers=2) as (server, _), crowd(server, CROWD):
        for _ in range(5):
            assert server.send("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") == (200, b"ok\n")
            status, page = server.send("GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert (status, b"</html>" in page) == (200, True)
            assert server.send(f"POST /api/v1/token HTTP/1.1\r\nConnection: close\r\n{HEAD}{' ' * 100}")[0] == 400


def test_a_body_has_its_time(program_environment: dict[str, str]) -> None:
    """Then the request is refused as one that was cut, and its connection closed."""
    before = stored()
    with served({**program_environment, "BODY_SECONDS": "0.5"}) as (server, _):
        head, _, body = server.exchange(HALF_BODY).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400")
        assert (json.loads(body)["code"], json.loads(body)["field"]) == ("MALFORMED", "Content-Length")
        chunked = "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
        assert server.exchange(chunked).startswith(b"HTTP/1.1 400")
        assert server.exchange(HALF_FORM).startswith(b"HTTP/1.1 4")
    assert stored() == before


def test_half_requests_do_not_delay_a_stop(program_environment: dict[str, str]) -> None:
    environment = {**program_environment, "BODY_SECONDS": "100000"}
    with served(environment, workers=2) as (server, process), crowd(server, {HALF_BODY: 20, "": 20}) as connections:
        process.terminate()
        process.wait(GUARD_SECONDS)
        for connection in connections:
            assert not _answer(connection).startswith(b"HTTP/1.1 2")


def _answer(connection: object) -> bytes:
    try:
        return received(connection)  # type: ignore[arg-type]
    except ConnectionError:
        return b""
