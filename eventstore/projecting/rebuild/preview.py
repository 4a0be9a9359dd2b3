"""Preview of a rebuild, with no effect on live tables: how long it takes, and which rows would differ."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.inspect.drift import Drift, check
from eventstore.projecting.replay import Progress, ProgressSum, no_progress


@dataclass(frozen=True)
class Preview:
    """`records` were read in `seconds` to fill temporary tables, which is the work of the rebuild with one worker.

    `drifts` tells for each projection how many rows there would be, and which of them would differ from the live ones.
    """

    records: int
    seconds: float
    drifts: Sequence[Drift]

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds if self.seconds else 0.0


def preview(chosen: Sequence[Projection], progress: Progress = no_progress) -> Preview:
    """Rehearse a rebuild: the same replay, into temporary tables that are compared with the live ones and dropped."""
    counted, begun = ProgressSum(progress), time.monotonic()
    drifts = check(chosen, counted)
    return Preview(counted.done, time.monotonic() - begun, drifts)
