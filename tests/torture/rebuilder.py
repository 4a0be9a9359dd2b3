"""A process that rebuilds the sample's projections in small steps: `python -m tests.torture.rebuilder WORKERS`."""

import sys

import django

django.setup()

from eventstore.projecting import rebuild, replay  # noqa: E402 - needs the apps
from eventstore.projecting.declaration.registry import projections  # noqa: E402 - likewise
from tests.eventstore import sample_projections  # noqa: E402 - likewise

if __name__ == "__main__":
    sample_projections.declare()
    replay.PAGE, rebuild.MAX_RECORDS_LEFT = 50, 20
    rebuild.rebuild(list(projections.values()), workers=int(sys.argv[1]))
