"""A program that ends with its parent, however that ends (Linux only)."""

import ctypes
import multiprocessing
import os
import signal
import sys
from typing import Final

PR_SET_PDEATHSIG: Final = 1  # from Linux's <sys/prctl.h>
SUPERVISED: Final = "SUPERVISED"  # the variable by which a process knows that it belongs to the supervisor

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded here: little may be done after a fork


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends; it may have ended already.

    It is killed outright, for one that is stopped, or stuck, would not listen to anything else. That does no harm: what
    is not committed is undone.
    """
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def die_with_server() -> None:
    """Bind a worker of the supervised web server to that server's main process; elsewhere nothing happens."""
    server = multiprocessing.parent_process()
    if server and server.pid and SUPERVISED in os.environ:
        die_with(server.pid)
