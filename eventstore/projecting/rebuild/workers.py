"""Tasks shared by processes of their own, which tell how far they are; if one fails, or dies, all are stopped."""

import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.sharedctypes import Synchronized

from django.db import connections

from eventstore.errors import EventStoreError
from eventstore.projecting.rebuild.errors import ACCIDENTS, WorkerDied, WorkerFailed
from eventstore.projecting.replay import Progress

WorkerTask = Callable[[Progress], object]

# A copy of this process knows what is declared in it, and needs no second to start.
_context = get_context("fork")


class Worker:
    """A process that does the tasks which it takes, one after the other."""

    def __init__(self, tasks: Iterator[WorkerTask]) -> None:
        connections.close_all()  # a connection can't be shared with a copy of this process
        self.inbox, outbox = _context.Pipe(duplex=False)
        self.process = _context.Process(target=_work, args=(tasks, outbox), daemon=True)
        self.process.start()
        outbox.close()  # so that the end of the process is the end of what can be read

    def hear(self, progress: Progress) -> bool:
        """Take one message; whether there may be more. Raises what has happened to the worker."""
        try:
            message = self.inbox.recv()
        except EOFError:
            return self._ended()
        if isinstance(message, EventStoreError):
            raise message
        progress(message)
        return True

    def stop(self) -> None:
        """End it, whatever it does: what it has not committed is undone by the database."""
        self.process.terminate()
        self.process.join()
        self.inbox.close()

    def _ended(self) -> bool:
        self.process.join()
        if code := self.process.exitcode:
            how = f"by signal {-code}" if code < 0 else f"with {code}"
            raise WorkerDied(f"Worker process {self.process.pid} ended {how}. {WorkerDied.__doc__}")
        return False


def run(tasks: Sequence[WorkerTask], workers: int, progress: Progress) -> None:
    """Do tasks in so many processes; here if that is 1. Raises WorkerFailed or WorkerDied."""
    if workers == 1:
        for task in tasks:
            task(progress)
        return
    busy, taken = dict[Connection, Worker](), _context.Value("i", 0)
    try:
        for _ in range(min(workers, len(tasks))):
            worker = Worker(_taken(tasks, taken))
            busy[worker.inbox] = worker
        while busy:
            for inbox in wait(list(busy)):
                assert isinstance(inbox, Connection)
                if not busy[inbox].hear(progress):
                    busy.pop(inbox).stop()
    finally:
        for worker in busy.values():
            worker.stop()


def _taken(tasks: Sequence[WorkerTask], taken: "Synchronized[int]") -> Iterator[WorkerTask]:
    """Those tasks that no other process has taken: the next one, each time that one is done."""
    while True:
        with taken.get_lock():
            number = taken.value
            taken.value += 1
        if number >= len(tasks):
            return
        yield tasks[number]


def _work(tasks: Iterator[WorkerTask], outbox: "Connection[int | EventStoreError, None]") -> None:
    """The life of a worker. Ctrl-C reaches it too, but it is its parent who stops it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        for task in tasks:
            task(outbox.send)
    except BrokenPipeError:
        return  # the parent is gone
    except ACCIDENTS as accident:
        outbox.send(WorkerDied(f"{accident!r}. {WorkerDied.__doc__}"))
    except Exception:
        outbox.send(WorkerFailed(traceback.format_exc()))
