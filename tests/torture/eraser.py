"""A process that erases a customer and kills itself on the way: `python -m tests.torture.eraser CUSTOMER POINT NTH`."""

import sys
from typing import Any
from unittest.mock import patch
from uuid import UUID

import django

django.setup()

from django.utils import timezone  # noqa: E402 - likewise

from accounts.domain.commands import EraseCustomer  # noqa: E402 - needs the apps
from accounts.services.use_cases import send_command  # noqa: E402 - likewise
from eventstore.keys.erasure_places import FilePlace  # noqa: E402 - likewise
from tests.crash_points import Fuse, crashing  # noqa: E402 - likewise
from tests.torture.crasher import die  # noqa: E402 - likewise

KEY, OPERATOR = "the erasure", "staff:1"


def erase(customer_id: UUID) -> Any:
    """Erase a customer as an operator does, always by the same key."""
    command = EraseCustomer(customer_id, "Asked for it")
    return send_command(command, KEY, actor=OPERATOR, proved_at=timezone.now())


def watched_list(fuse: Fuse) -> Any:
    """Lets the fuse know before and after each line that is added to the list."""
    append = FilePlace.append

    def watched(place: FilePlace, lines: str) -> None:
        fuse.reach("before the list")
        append(place, lines)
        fuse.reach("after the list")

    return patch.object(FilePlace, "append", watched)


if __name__ == "__main__":
    customer, at, nth = sys.argv[1:]
    with crashing(at, die, int(nth)) as burning, watched_list(burning):
        erase(UUID(customer))
