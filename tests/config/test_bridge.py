"""The bridge: who waits, where, and who is told to come again; that the process lives is said whatever else hangs."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.http import FileResponse
from django.test import override_settings

from config import bodies, bridge, lanes
from config.bodies import Bodies, NoRoom
from config.bridge import Bridge, File
from eventstore.http.places import COMES_AGAIN

Headers = list[tuple[str, str]]


@dataclass
class Scope:
    """A request, as the server gives it."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    server: str = "127.0.0.1:8000"
    client: str = "127.0.0.1:50000"
    scheme: str = "http"
    http_version: str = "1.1"
    query_string: str = ""
    authority: str = "localhost"


class Proto:
    """A connection: what comes, and what was answered."""

    def __init__(self, *parts: bytes, goes_on: bool = False) -> None:
        self.parts, self.goes_on = parts, goes_on
        self.status, self.headers, self.body, self.file = 0, dict[str, str](), b"", ""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            yield part
        if self.goes_on:
            await asyncio.Event().wait()

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        self.status, self.headers, self.body = status, dict(headers), body

    def response_file(self, status: int, headers: Headers, path: str) -> None:
        self.status, self.headers, self.file = status, dict(headers), path


class Stuck:
    """An application that answers nothing until it is freed."""

    def __init__(self) -> None:
        self.freed = Event()

    def __call__(self, _environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.freed.wait()
        start_response("200 OK", [("content-length", "0")])
        return [b""]


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    application = Stuck()
    yield application
    application.freed.set()


def serving(application: Any, serve: Callable[[Bridge], Any], threads: int = 2) -> Any:
    """What becomes of requests to a bridge, in an event loop of its own."""

    async def run() -> Any:
        bridge = Bridge(application, threads)
        bridge.__rsgi_init__(asyncio.get_running_loop())
        try:
            return await serve(bridge)
        finally:
            application.freed.set()

    return asyncio.run(run())


async def asked(bridge: Bridge, path: str, method: str = "GET", client: str = "127.0.0.1", **headers: str) -> Proto:
    proto = Proto()
    await bridge.__rsgi__(Scope(path, method, headers, client=f"{client}:50000"), proto)
    return proto


async def begin(bridge: Bridge, number: int, path: str, method: str = "GET") -> list["asyncio.Task[Proto]"]:
    """Requests of which none will be answered; each has got as far as it can."""
    tasks = [asyncio.ensure_future(asked(bridge, path, method)) for _ in range(number)]
    await asyncio.sleep(0)
    return tasks


def test_liveness_needs_no_thread(stuck: Stuck) -> None:
    async def serve(bridge: Bridge) -> list[Proto]:
        await begin(bridge, lanes.WAITING + 2, "/")
        return [await asked(bridge, "/livez", method) for method in ("GET", "HEAD")]

    for proto in serving(stuck, serve):
        assert (proto.status, proto.body, proto.headers["Content-Length"]) == (200, b"ok\n", "3")


@pytest.mark.parametrize(("language", "text"), [("en", "too busy"), ("zh-hans", "忙")])
def test_who_would_wait_too_long_is_asked_to_come_again(stuck: Stuck, language: str, text: str) -> None:
    async def serve(bridge: Bridge) -> list[Proto]:
        await begin(bridge, lanes.WAITING + 2, "/")
        return [await asked(bridge, path, **{"accept-language": language}) for path in ("/", "/api/v1/me")]

    page, error = serving(stuck, serve)
    for proto in (page, error):
        assert (proto.status, proto.headers["Retry-After"]) == (503, "1")
        assert proto.headers["Cache-Control"] == "no-store"
        assert proto.headers["X-Content-Type-Options"] == "nosniff"
        assert text in proto.body.decode()
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert json.loads(error.body)["code"] == "RETRY_LATER"


def test_a_crowd_from_one_address_is_in_nobody_elses_way() -> None:
    """Of a full lane its latest request makes room, and the turns alternate: a newcomer does not stand at the end."""
    order: list[str] = []

    class Noting(Stuck):
        def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            self.freed.wait()
            order.append(environ["REMOTE_ADDR"])
            start_response("200 OK", [("content-length", "0")])
            return [b""]

    application = Noting()

    async def serve(bridge: Bridge) -> list[int]:
        crowd = await begin(bridge, lanes.WAITING + 1, "/")
        others = [asyncio.ensure_future(asked(bridge, "/", client=f"192.0.2.{last}")) for last in (1, 2, 1)]
        await asyncio.sleep(0)
        application.freed.set()
        assert {proto.status for proto in await asyncio.gather(*others)} == {200}
        return [proto.status for proto in await asyncio.gather(*crowd)]

    statuses = serving(application, serve, threads=1)
    assert statuses == [200] * (lanes.WAITING - 2) + [503] * 3
    assert order[1:7] == ["127.0.0.1", "192.0.2.1", "192.0.2.2", "127.0.0.1", "192.0.2.1", "127.0.0.1"]


@pytest.mark.parametrize(("tries", "status"), [(1, 200), (3, 200), (99, 503)])
def test_who_waits_for_a_read_model_comes_again_without_a_thread(
    monkeypatch: pytest.MonkeyPatch, tries: int, status: int
) -> None:
    """The answer is sent that is right, or else the last one; each other request finds a thread meanwhile."""
    monkeypatch.setattr(bridge, "PAUSES", (0, 0, 0))
    found: list[bytes] = []

    class Late(Stuck):
        def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            is_behind = environ["PATH_INFO"] != "/other" and len(found) + 1 < tries
            if environ["PATH_INFO"] != "/other":
                found.append(environ["wsgi.input"].read())
            if is_behind and COMES_AGAIN in environ:
                environ[COMES_AGAIN] = True
            start_response("503 Behind" if is_behind else "200 OK", [("content-length", "0")])
            return [b""]

    async def serve(own: Bridge) -> Proto:
        waits = asyncio.ensure_future(asked(own, "/"))
        assert (await asked(own, "/other")).status == 200
        return await waits

    assert serving(Late(), serve, threads=1).status == status
    assert found == [b""] * min(tries, 4)


def test_places_come_free_again(stuck: Stuck) -> None:
    async def serve(bridge: Bridge) -> Proto:
        tasks = await begin(bridge, lanes.WAITING + 2, "/")
        stuck.freed.set()
        await asyncio.gather(*tasks)
        return await asked(bridge, "/")

    assert serving(stuck, serve).status == 200


@pytest.mark.parametrize(
    ("path", "method"),
    [
        *[
            (path, "POST")
            for path in ("/sign-in", "/admin/login/", "/api/v1/customers", "/api/v1/token", "/api/v1/bulk")
        ],
        *[(path, "GET") for path in ("/api/schema/", "/accounts/1/statements/2026-01.pdf", "/api/v1/entries.csv")],
    ],
)
def test_what_takes_long_waits_in_nobody_elses_way(path: str, method: str) -> None:
    class Slow(Stuck):
        def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            if environ["PATH_INFO"] == "/":
                self.freed.set()
            return super().__call__(environ, start_response)

    async def serve(bridge: Bridge) -> Proto:
        await begin(bridge, 50, path, method)
        return await asked(bridge, "/")

    assert serving(Slow(), serve).status == 200


def test_a_page_with_a_form_is_no_slow_one() -> None:
    usual = lanes.Lanes(4)
    assert usual.lane_of("GET", "/sign-in") is usual.usual
    assert usual.lane_of("POST", "/accounts/1/deposit") is usual.usual


def taken(room: Bodies, *parts: bytes, goes_on: bool = False) -> bytes:
    return bytes(asyncio.run(room.receive(Proto(*parts, goes_on=goes_on))))


@override_settings(BODY_SECONDS=0.01)
def test_a_body_that_does_not_end_is_cut() -> None:
    assert taken(Bodies(), b"a", b"b", goes_on=True) == b"ab"


def test_long_bodies_share_their_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LONG_BODIES_BYTES", 100)
    room, long = Bodies(), [b"x" * bodies.SMALL_BYTES, b"x" * 60]
    first = taken(room, *long)
    with pytest.raises(NoRoom):
        taken(room, *long)
    assert len(taken(room, b"x" * bodies.SMALL_BYTES)) == bodies.SMALL_BYTES
    room.release(first)
    assert taken(room, *long) == first


def test_who_finds_no_room_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch, stuck: Stuck) -> None:
    monkeypatch.setattr(bodies, "LONG_BODIES_BYTES", 0)
    proto = Proto(b"x" * bodies.SMALL_BYTES, b"x")
    scope = Scope("/api/v1/bulk", "POST", {"content-length": "100000"})
    serving(stuck, lambda bridge: bridge.__rsgi__(scope, proto))
    assert (proto.status, json.loads(proto.body)["code"]) == (503, "RETRY_LATER")


def test_no_more_of_a_body_is_kept_than_the_site_takes() -> None:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        assert len(taken(Bodies(), *[b"x" * 10] * 100)) == 20


def test_a_file_is_read_by_the_server(tmp_path: Path) -> None:
    """No thread waits for a client who takes it slowly."""
    (tmp_path / "a.css").write_text("body {}")

    class Files(Stuck):
        def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            response = FileResponse((tmp_path / "a.css").open("rb"))
            start_response("200 OK", list(response.items()))
            wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](response.file_to_stream)
            return wrapped

    proto = serving(Files(), lambda bridge: asked(bridge, "/static/a.css"))
    assert (proto.status, proto.file) == (200, str(tmp_path / "a.css"))


def test_a_part_of_a_file_is_sent_like_anything_else(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("body {}")
    with (tmp_path / "a.css").open("rb") as part:
        part.seek(3)
        assert File(part).path == ""
        assert b"".join(File(part)) == b"y {}"
    assert File(BytesIO(b"x")).path == ""
