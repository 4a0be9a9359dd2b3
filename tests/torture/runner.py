"""A runner of the sample's projections, in small steps, until it is stopped: `python -m tests.torture.runner`."""

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - needs the apps

from eventstore.projecting.runner import batches  # noqa: E402 - likewise
from tests.eventstore import sample_projections  # noqa: E402 - likewise
from tests.torture import trails  # noqa: E402 - likewise

if __name__ == "__main__":
    batches.BATCH_EVENTS = 20
    sample_projections.declare()
    trails.declare()
    call_command("run_projections")
