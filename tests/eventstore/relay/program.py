"""A relay in small steps, until it is stopped: `python -m tests.eventstore.relay.program <url>`."""

import os

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - needs the apps

from eventstore.projecting.declaration import deliveries  # noqa: E402 - likewise
from eventstore.relay import declare  # noqa: E402 - likewise
from tests.eventstore import sample  # noqa: E402, F401 - its events are declared by the import

if __name__ == "__main__":
    deliveries.MAX_BATCH_EVENTS = 5
    declare({"bus": {"url": os.environ["BUS"]}})
    call_command("relay")
