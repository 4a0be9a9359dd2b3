"""All ways to forge, each of which changes something of a log and says what."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from eventstore.models import Command, Epoch, Event, TreeHead
from tests.eventstore.tampering import lift_guards

Forgery = Callable[[Random, Path], str]

forgeries: list[Forgery] = []


def forgery(function: Forgery) -> Forgery:
    """Make a function known as a way to forge."""
    forgeries.append(function)
    return function


def lift_all_guards() -> None:
    """Lift the guards of all append-only tables, as their owner can, in the test's transaction."""
    for model in (Event, Command, Epoch, TreeHead):
        lift_guards(model._meta.db_table)
