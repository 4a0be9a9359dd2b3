"""A process that kills itself at one point of its work: `python -m tests.torture.crasher WORK POINT NTH`."""

import os
import signal
import sys

import django

django.setup()

from eventstore import feed  # noqa: E402 - needs the apps
from eventstore.projecting import replay  # noqa: E402 - likewise
from eventstore.projecting.runner import batches  # noqa: E402 - likewise
from tests.crash_points import crashing  # noqa: E402 - likewise
from tests.eventstore import sample_projections  # noqa: E402 - likewise
from tests.torture import crash_work  # noqa: E402 - likewise


def die() -> None:
    """Kill this process, without a chance to clean up."""
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    work, point, nth = sys.argv[1:]
    sample_projections.declare()
    batches.BATCH_EVENTS = feed.PAGE = replay.PAGE = crash_work.SMALL
    with crashing(point, die, int(nth)):
        crash_work.WORK[work]()
