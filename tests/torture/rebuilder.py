"""A process that rebuilds the sample's projections in small steps: `python -m tests.torture.rebuilder WORKERS`."""

import sys

import django

django.setup()

from eventstore import feed  # noqa: E402 - needs the apps
from eventstore.projecting import rebuild  # noqa: E402 - likewise
from eventstore.projecting.declaration import projections  # noqa: E402 - likewise
from tests.eventstore import sample_projections  # noqa: E402 - likewise

if __name__ == "__main__":
    sample_projections.declare()
    feed.PAGE, rebuild.CLOSE = 50, 20
    rebuild.rebuild(list(projections.values()), workers=int(sys.argv[1]))
