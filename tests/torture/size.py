"""How long the torture lasts. The only place that reads it: `make torture MINUTES=30` sets TORTURE_MINUTES.

Without it the tests are short, as in CI, and do so many things; with it they do as many as fit into their share of it.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Final

MINUTES: Final = float(os.environ.get("TORTURE_MINUTES") or 0)


def rounds(short: int, share: float) -> Iterator[int]:
    """Numbers of rounds: so many in the short form; in the long one as many as begin within this share of the time."""
    until = time.monotonic() + 60 * MINUTES * share
    number = 0
    while number < short or time.monotonic() < until:
        yield number
        number += 1


def report(test: str, **figures: object) -> None:
    """Print what a test has seen, as one line of JSON; pytest shows it with `-s`, as `make torture` runs it."""
    sys.stderr.write("\n" + json.dumps({"torture": test, **figures}, sort_keys=False, default=str) + "\n")
