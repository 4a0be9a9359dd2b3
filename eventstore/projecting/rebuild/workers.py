"""A pool of worker processes that share tasks and report progress; if one fails or dies, all are stopped.

It is not `concurrent.futures.ProcessPoolExecutor`, which would not serve here. When a task fails, that pool lets the
others run to their ends, which may be hours away (it can terminate them from Python 3.14 on); BrokenProcessPool does
not say which signal ended a worker, by which an operator learns that memory ran out; and when its parent is killed, its
workers wait for ever, where these end as they next report progress.
"""

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

# A fork has everything declared in it already, and starts without delay.
_context = get_context("fork")


class Worker:
    """A process that takes tasks one after the other."""

    def __init__(self, tasks: Iterator[WorkerTask]) -> None:
        connections.close_all()  # a fork must not share a connection
        self.inbox, outbox = _context.Pipe(duplex=False)
        self.process = _context.Process(target=_work, args=(tasks, outbox), daemon=True)
        self.process.start()
        outbox.close()  # so that reading ends when the process does

    def receive(self, progress: Progress) -> bool:
        """Receive one message; whether there may be more. Raises WorkerFailed or WorkerDied."""
        try:
            message = self.inbox.recv()
        except EOFError:
            return self._ended()
        if isinstance(message, EventStoreError):
            raise message
        progress(message)
        return True

    def stop(self) -> None:
        """Terminate the process; the database rolls back its open transaction."""
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
    """Run tasks in `workers` processes, or in this one if that is 1. Raises WorkerFailed or WorkerDied."""
    if workers == 1:
        for task in tasks:
            task(progress)
        return
    busy, next_task = dict[Connection, Worker](), _context.Value("i", 0)
    try:
        for _ in range(min(workers, len(tasks))):
            worker = Worker(_take(tasks, next_task))
            busy[worker.inbox] = worker
        while busy:
            for inbox in wait(list(busy)):
                assert isinstance(inbox, Connection)
                if not busy[inbox].receive(progress):
                    busy.pop(inbox).stop()
    finally:
        for worker in busy.values():
            worker.stop()


def _take(tasks: Sequence[WorkerTask], next_task: "Synchronized[int]") -> Iterator[WorkerTask]:
    """The tasks that no other process has taken: each time the next one."""
    while True:
        with next_task.get_lock():
            number = next_task.value
            next_task.value += 1
        if number >= len(tasks):
            return
        yield tasks[number]


def _work(tasks: Iterator[WorkerTask], outbox: "Connection[int | EventStoreError, None]") -> None:
    """Run tasks in a worker. Ctrl-C is ignored: the parent gets it too, and stops its workers."""
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
