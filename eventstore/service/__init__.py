"""Long-running programs: how they are asked to stop, and how they say that they get on with their work.

    with service.running() as stop:
        while not stop.is_set():
            do_something()
            stop.wait(5)

A program that is started by systemd (`Type=notify`, `WatchdogSec=`), or by anything else that speaks its protocol,
tells it so while it looks at `stop` from time to time; one that hangs falls silent, and can be replaced.
"""

from eventstore.backends.faults import log_error
from eventstore.service.logs import OneLine
from eventstore.service.program import running
from eventstore.service.restores import notice_restores
from eventstore.service.stop import Stop
from eventstore.service.watchdog import PATIENCE, Watchdog, notify

__all__ = ["PATIENCE", "OneLine", "Stop", "Watchdog", "log_error", "notice_restores", "notify", "running"]
