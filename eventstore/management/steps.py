"""Progress of commands that take several steps: a bar for each."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from eventstore.management.progress import progress_bar


@contextmanager
def step_bars(options: dict[str, Any]) -> Iterator[Callable[[str, int, int], None]]:
    """Yield a function to be called with a step's name, how much of it is done, and how much there is.

    Bars are shown as `progress_bar` does.
    """
    with ExitStack() as open_bars:
        current, before, update = "", 0, None

        def show(step: str, done: int, total: int) -> None:
            nonlocal current, before, update
            if step != current:
                open_bars.close()
                current, before = step, 0
                update = open_bars.enter_context(progress_bar(total, step, options))
            if update is not None:
                update(done - before)
            before = done

        yield show
