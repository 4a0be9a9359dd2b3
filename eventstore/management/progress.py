"""Progress bars of long commands: how much is done, how fast, and the time left."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from eventstore.projecting.replay import no_progress


@contextmanager
def progress_bar(total: int, unit: str, options: dict[str, Any]) -> Iterator[Callable[[int], object]]:
    """Yield a function to be called with each number of things that were done, and show a bar that follows.

    The bar is shown on a terminal, or with --verbosity 2, but not with --json. It is drawn by tqdm, an extra
    (`django-tidemark[progress]`): without it the command does the same, in silence.
    """
    wanted = not options["json"] and (sys.stderr.isatty() or options["verbosity"] > 1)
    if not wanted or find_spec("tqdm") is None:
        yield no_progress
        return
    from tqdm import tqdm  # noqa: PLC0415 - an extra

    tqdm.monitor_interval = 0  # no thread of its own: the workers of a rebuild are copies of this process
    with tqdm(total=total, unit=f" {unit}", unit_scale=True) as bar:
        yield bar.update
