"""The web server (granian), whose main process says that it is well: `python -m config.web …`, as `granian …`."""

from granian.cli import entrypoint

from eventstore.service import Watchdog

if __name__ == "__main__":
    Watchdog(lambda: 0.0).start()  # it only waits: its workers do what may get stuck, and say so themselves
    entrypoint()  # type: ignore[no-untyped-call] # click's decorators hide its type
