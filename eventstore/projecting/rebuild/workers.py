"""Tasks in processes of their own, which tell how far they are; if one fails, or dies, all are stopped."""

import signal
import traceback
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

from django.db import connections

from eventstore.errors import EventStoreError
from eventstore.projecting.rebuild.errors import ACCIDENTS, WorkerDied, WorkerFailed
from eventstore.projecting.replay import Progress

Task = Callable[[Progress], object]

# A copy of this process knows what is declared in it, and needs no second to start.
_context = get_context("fork")


class Worker:
    """A process that does one task."""

    def __init__(self, task: Task) -> None:
        connections.close_all()  # a connection can't be shared with a copy of this process
        self.inbox, outbox = _context.Pipe(duplex=False)
        self.process = _context.Process(target=_work, args=(task, outbox), daemon=True)
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


def run(tasks: Sequence[Task], workers: int, progress: Progress) -> None:
    """Do tasks, so many at once; here and one by one if that is 1. Raises WorkerFailed or WorkerDied."""
    if workers == 1:
        for task in tasks:
            task(progress)
        return
    waiting, busy = list(reversed(tasks)), dict[Connection, Worker]()
    try:
        while waiting or busy:
            while waiting and len(busy) < workers:
                worker = Worker(waiting.pop())
                busy[worker.inbox] = worker
            for inbox in wait(list(busy)):
                assert isinstance(inbox, Connection)
                if not busy[inbox].hear(progress):
                    busy.pop(inbox).stop()
    finally:
        for worker in busy.values():
            worker.stop()


def _work(task: Task, outbox: "Connection[int | EventStoreError, None]") -> None:
    """The life of a worker. Ctrl-C reaches it too, but it is its parent who stops it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        task(outbox.send)
    except BrokenPipeError:
        return  # the parent is gone
    except ACCIDENTS as accident:
        outbox.send(WorkerDied(f"{accident!r}. {WorkerDied.__doc__}"))
    except Exception:
        outbox.send(WorkerFailed(traceback.format_exc()))
