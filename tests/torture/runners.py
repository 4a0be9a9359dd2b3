"""Runner processes, from their registration to their end."""

import signal

from eventstore.models import Event, Runner
from eventstore.projecting.runner.runner import delayed_subscribers, position_of
from tests.torture.kills import Process, wait_until

RUNNER = "tests.torture.runner"
STOP_TIMEOUT_SECONDS = 600  # a guard against programs that never stop, and no measure: a busy machine takes its time


def all_registered(running: list[Process]) -> bool:
    """Whether all runners are registered: one that has just started does not handle SIGTERM yet."""
    said = {name.rpartition(":")[2] for name in Runner.objects.values_list("name", flat=True)}
    return {str(process.pid) for process in running} <= said


def all_is_read() -> bool:
    """Whether everything that was appended by now has been read."""
    return min(position_of(served) for served in delayed_subscribers()) >= Event.objects.latest("position").position


def stop(running: list[Process]) -> None:
    """Send SIGTERM to all runners; each must end with status 0."""
    wait_until(lambda: all_registered(running), running)
    for process in running:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(STOP_TIMEOUT_SECONDS) for process in running] == [0] * len(running)
