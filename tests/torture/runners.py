"""Runner processes, from their first word to their last."""

import signal

from eventstore.models import Event, Runner
from eventstore.projecting.runner.runner import delayed_subscribers, position_of
from tests.torture.kills import Process, wait_until

RUNNER = "tests.torture.runner"
PATIENCE = 20  # seconds that a program has to stop


def all_run(running: list[Process]) -> bool:
    """Whether all have said so: who has just been started does not know yet how to stop."""
    said = {name.rpartition(":")[2] for name in Runner.objects.values_list("name", flat=True)}
    return {str(process.pid) for process in running} <= said


def all_is_read() -> bool:
    """Whether everything that was appended by now has been read."""
    return min(position_of(served) for served in delayed_subscribers()) >= Event.objects.latest("position").position


def stop(running: list[Process]) -> None:
    """Ask all to stop; each must end well."""
    wait_until(lambda: all_run(running), running)
    for process in running:
        process.send_signal(signal.SIGTERM)
    assert [process.wait(PATIENCE) for process in running] == [0] * len(running)
