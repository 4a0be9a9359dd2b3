"""Live listeners: each gets what it wants, all of it and once, at its own pace; and an idle one costs nothing."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import override_settings

from eventstore.backends.rows import Identity
from eventstore.errors import RangeDetached
from eventstore.live import Filter, Listener, Tail, TooManyListeners
from eventstore.live import tail as tails
from eventstore.live.source import PAGE, Page
from eventstore.live.watcher import News, Watcher
from eventstore.live.window import MAX_BYTES, MAX_EVENTS, Entry, Window
from eventstore.log.cursor_text import Cursor, read_cursor

LOG, OTHER = Identity(uuid4(), 1), Identity(uuid4(), 2)
STREAM = uuid4()
EVERYTHING = Filter()


def entry(position: int, kind: str = "tally.counted", stream_id: UUID = STREAM, size: int = 0) -> Entry:
    frame = f"id: {Cursor(LOG, position).text}\ndata: {position}{' ' * size}\n\n"
    return Entry(position, kind, stream_id, frame.encode())


def entries(first: int, last: int) -> list[Entry]:
    return [entry(position) for position in range(first, last + 1)]


class Log:
    """A log in memory, in the place of the source of a tail; it counts how often it is read."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.reads, self.detached_to = 0, 0

    def page(self, identity: Identity, after: int, to: int, wanted: Filter) -> Page:
        self.reads += 1
        if after < self.detached_to:
            raise RangeDetached("events", 1, self.detached_to, "")
        found = [each for each in self.entries if after < each.position <= to and wanted.takes(each)][:PAGE]
        return Page(found, found[-1].position if len(found) == PAGE else to)


class World:
    """A tail with its log; the watcher is the test itself."""

    def __init__(self) -> None:
        self.log, self.allowed, self.end = Log(), {"ada", "grace"}, 0
        self.tail = Tail(lambda _: b"", self.still_open)
        self.tail._source = self.log  # type: ignore[assignment]

    def still_open(self, asked: Collection[Hashable]) -> Collection[Hashable]:
        return self.allowed & set(asked)

    def listener(self, position: int = 0, wanted: Filter = EVERYTHING, sign_in: str = "ada") -> Listener:
        return Listener(self.tail, LOG, position, wanted, sign_in, b"retry: 1\n\n")

    def append(self, *new: Entry, identity: Identity = LOG) -> None:
        self.log.entries += new
        start, self.end = self.end, new[-1].position if new else self.end
        self.tail.publish(News(identity, start, new, self.end))


class Client:
    """What a listener has received; it can be slow."""

    def __init__(self, world: World, listener: Listener) -> None:
        self.text, self.reads, self.has_gone = "", asyncio.Event(), False
        self.reads.set()
        self.task = asyncio.ensure_future(world.tail.serve(listener, lambda: self.send))

    async def send(self, part: bytes) -> None:
        await self.reads.wait()
        if self.has_gone:
            raise RuntimeError("closed")
        self.text += part.decode()

    @property
    def got(self) -> list[int]:
        return [int(number) for number in re.findall(r"^data: (\d+)", self.text, re.MULTILINE)]

    @property
    def place(self) -> int:
        """The position that it would go on from."""
        found = read_cursor(re.findall(r"^id: (\S+)", self.text, re.MULTILINE)[-1])
        assert found
        return found.place

    async def until(self, is_so: Callable[["Client"], bool]) -> None:
        while not is_so(self):
            assert not self.task.done()
            await asyncio.sleep(0)


def in_loop(test: Callable[[World], Awaitable[Any]]) -> Callable[[pytest.MonkeyPatch], None]:
    """A test that runs in an event loop of its own, in which no thread looks for events."""

    def run(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Watcher, "start", lambda self: None)

        async def within() -> None:
            world = World()
            async with asyncio.timeout(60):  # against a test that never ends
                await test(world)
            world.tail.end()

        asyncio.run(within())

    run.__name__ = test.__name__
    run.__doc__ = test.__doc__
    return run


async def ended(*clients: Client) -> None:
    await asyncio.wait([client.task for client in clients])


async def turns() -> None:
    """Let everybody go on as far as they can without news."""
    for _ in range(20):
        await asyncio.sleep(0)


@in_loop
async def test_each_gets_what_it_wants(world: World) -> None:
    other = uuid4()
    wanted = [EVERYTHING, Filter(frozenset({"tally.closed"})), Filter(None, other), Filter(frozenset(), None)]
    clients = [Client(world, world.listener(wanted=each)) for each in wanted]
    await turns()
    world.append(entry(1), entry(2, "tally.closed"), entry(3, stream_id=other))
    await clients[0].until(lambda client: len(client.got) == 3)
    await turns()
    assert [client.got for client in clients] == [[1, 2, 3], [2], [3], []]
    assert world.log.reads == 0


@in_loop
async def test_who_comes_again_gets_the_rest_from_memory_and_who_lacks_more_from_the_log(world: World) -> None:
    first = Client(world, world.listener())
    await turns()
    world.append(*entries(1, 3 * PAGE))
    world.append(*entries(3 * PAGE + 1, 3 * PAGE + MAX_EVENTS))
    late, later = Client(world, world.listener(3 * PAGE + 7)), Client(world, world.listener(5))
    for client, start in ((first, 0), (late, 3 * PAGE + 7), (later, 5)):
        await client.until(lambda client: client.got[-1:] == [3 * PAGE + MAX_EVENTS])
        assert client.got == list(range(start + 1, 3 * PAGE + MAX_EVENTS + 1))
    assert world.log.reads >= 3  # for the last one


@in_loop
async def test_a_slow_one_misses_nothing_and_gets_nothing_twice(world: World) -> None:
    slow, quick = Client(world, world.listener()), Client(world, world.listener())
    await turns()
    slow.reads.clear()
    last = 3 * MAX_EVENTS
    for first in range(1, last, 100):
        world.append(*entries(first, first + 99))
        await quick.until(lambda client, first=first: client.got[-1:] == [first + 99])  # type: ignore[misc]
    slow.reads.set()
    await slow.until(lambda client: client.got[-1:] == [last])
    assert slow.got == quick.got == list(range(1, last + 1))


@in_loop
async def test_what_a_slow_one_does_not_want_hides_nothing_that_it_wants(world: World) -> None:
    slow = Client(world, world.listener(wanted=Filter(frozenset({"tally.closed"}))))
    await turns()
    slow.reads.clear()
    for position, kind in enumerate(["tally.closed", "tally.closed", "tally.counted"], start=1):
        world.append(entry(position, kind))
        await turns()
    slow.reads.set()
    await slow.until(lambda client: client.got == [1, 2])


@in_loop
async def test_a_response_ends_before_it_fills_the_memory_and_who_comes_again_gets_the_rest(world: World) -> None:
    """What nobody takes is kept by the server: this one takes nothing, and does not wait, either."""
    client = Client(world, world.listener())
    await turns()
    size = tails.MAX_SENT_BYTES // 10
    for position in range(1, 21):
        world.append(entry(position, size=size))
        await turns()
    await ended(client)
    assert client.got == list(range(1, 11))
    assert client.text.endswith("retry: 100\n\n")
    assert len(client.text) < 2 * tails.MAX_SENT_BYTES
    rest = Client(world, world.listener(client.place))
    await rest.until(lambda client: client.got[-1:] == [20])
    assert rest.got == list(range(11, 21))


@in_loop
async def test_idle_ones_read_nothing_and_know_how_far_the_log_is(world: World) -> None:
    idle = [world.listener(wanted=Filter(frozenset({"other"}))) for _ in range(300)]
    clients = [Client(world, listener) for listener in idle]
    await turns()
    world.append(*entries(1, 5 * MAX_EVENTS))
    world.append()
    assert {listener.position for listener in idle} == {5 * MAX_EVENTS}
    assert world.log.reads == 0
    assert all(client.got == [] for client in clients)


def test_a_sign_of_life_tells_where_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "HEARTBEAT_SECONDS", 0.0)

    @in_loop
    async def test(world: World) -> None:
        client = Client(world, world.listener(wanted=Filter(frozenset({"other"}))))
        await client.until(lambda client: ":\nid: " in client.text)
        world.append(*entries(1, 9))
        await client.until(lambda client: client.place == 9)
        assert client.got == []

    test(monkeypatch)


@in_loop
async def test_a_stream_ends_once_the_log_is_another_one(world: World) -> None:
    client = Client(world, world.listener())
    await turns()
    world.append(entry(1))
    await client.until(lambda client: client.got == [1])
    world.append(entry(2), identity=OTHER)
    await ended(client)
    assert client.got == [1]


@in_loop
async def test_a_stream_ends_where_an_archive_alone_has_the_rest(world: World) -> None:
    stay = Client(world, world.listener(wanted=Filter(frozenset({"other"}))))
    await turns()
    world.append(*entries(1, 3 * MAX_EVENTS))
    world.append(*entries(3 * MAX_EVENTS + 1, 3 * MAX_EVENTS + 2))
    world.log.detached_to = 50
    behind = Client(world, world.listener(7))
    await ended(behind)
    assert behind.got == []
    assert not stay.task.done()


@in_loop
async def test_there_are_only_so_many(world: World) -> None:
    with override_settings(EVENTSTORE_MAX_LISTENERS=2):
        clients = [Client(world, world.listener()) for _ in range(2)]
        await turns()
        with pytest.raises(TooManyListeners):
            await world.tail.serve(world.listener(), lambda: pytest.fail("It was begun."))
        clients[0].has_gone = True
        world.append(entry(1))
        await ended(clients[0])
        third = Client(world, world.listener())
        await third.until(lambda client: client.got == [1])


@in_loop
async def test_who_may_listen_no_more_is_sent_away(world: World) -> None:
    ada, grace = (Client(world, world.listener(sign_in=name)) for name in ("ada", "grace"))
    await turns()
    ada.reads.clear()  # even if it does not read
    world.append(entry(1))
    await turns()
    world.allowed.remove("ada")
    await world.tail.recheck()
    await ended(ada)
    assert not grace.task.done()


@in_loop
async def test_nobody_is_sent_away_while_the_database_does_not_answer(world: World) -> None:
    client = Client(world, world.listener())
    await turns()
    world.allowed = None  # type: ignore[assignment]
    await world.tail.recheck()
    await turns()
    assert not client.task.done()


@in_loop
async def test_all_are_sent_away_when_the_process_stops_and_nobody_is_let_in(world: World) -> None:
    clients = [Client(world, world.listener()) for _ in range(3)]
    await turns()
    watcher = world.tail._watcher
    world.tail.end()
    await ended(*clients)
    assert watcher
    assert watcher.stop.is_set()
    with pytest.raises(TooManyListeners):
        await world.tail.serve(world.listener(), lambda: pytest.fail("It was begun."))


def window_of(news: Sequence[Entry], now: float = 0.0) -> Window:
    window = Window(LOG, 0)
    window.add(news, news[-1].position, now)
    return window


class TestWindow:
    def test_it_forgets_what_is_old(self) -> None:
        """A person who is quoted may be erased meanwhile."""
        window = window_of(entries(1, 3))
        window.add(entries(4, 5), 5, 9.9)
        assert (window.start, len(window.after(0, EVERYTHING))) == (0, 5)
        window.add([], 5, 10.0)
        assert (window.start, window.end) == (3, 5)
        assert window.after(3, EVERYTHING) == entries(4, 5)

    def test_it_has_an_end(self) -> None:
        assert window_of(entries(1, MAX_EVENTS + 7)).start == 7
        long = [entry(position, size=MAX_BYTES // 4) for position in range(1, 10)]
        assert window_of(long).start == 6
