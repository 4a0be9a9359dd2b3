"""A runner of the sample's reaction, in small steps, until it is killed: `python -m tests.torture.reactor`."""

import django

django.setup()

from eventstore.projecting.declaration import reactions  # noqa: E402 - needs the apps
from eventstore.projecting.runner.runner import Runner  # noqa: E402 - likewise
from tests.eventstore import sample_reactions  # noqa: E402 - likewise

if __name__ == "__main__":
    reactions.MAX_BATCH_EVENTS = 3
    sample_reactions.declare()
    Runner(["echoes"]).run()
