"""The registry: all projections and reactions that are declared, by their stored names."""

from eventstore.errors import MessageError
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.reactions import Reaction
from eventstore.projecting.declaration.subscribers import Subscriber

projections: dict[str, Projection] = {}
reactions: dict[str, Reaction] = {}


def subscribers() -> dict[str, Subscriber]:
    """All projections and reactions, by name."""
    return {**projections, **reactions}


def find_subscriber(name: str) -> Subscriber:
    """The projection or reaction with a name; raises LookupError, with the names that there are."""
    declared = subscribers()
    if name not in declared:
        raise LookupError(f"No projection is called {name!r}. Declared are: {', '.join(sorted(declared))}.")
    return declared[name]


def add_projection(projection: Projection) -> None:
    """Register a projection, anew if it is there already. Raises MessageError for a faulty declaration."""
    _refuse_second(projection)
    if shared := [p.name for p in projections.values() if p.model is projection.model and p.name != projection.name]:
        raise MessageError(f"{projection.name} and {shared[0]} write one table: give each its own.")
    if projection.global_order and not projection.delayed:
        raise MessageError(f"{projection.name} reads across streams, so it must be delayed=True.")
    if projection.delayed and projection.reads_commands:
        raise MessageError(f"{projection.name} reads the command store, so it can't be delayed.")
    projections[projection.name] = projection


def add_reaction(reaction: Reaction) -> None:
    """Register a reaction, anew if it is there already. Raises MessageError for a faulty declaration."""
    _refuse_second(reaction)
    if reaction.types is None:
        raise MessageError(f"{reaction.name} reads the command store, but a reaction reads events.")
    reactions[reaction.name] = reaction


def _refuse_second(declared: Subscriber) -> None:
    """Refuse a name that another function has, of either kind: names are stored."""
    twin = subscribers().get(declared.name)
    if twin and (_kind(twin), twin.function.__module__) != (_kind(declared), declared.function.__module__):
        raise MessageError(f"{declared.name!r} is declared twice: rename one, names are stored.")


def _kind(declared: Subscriber) -> type[Subscriber]:
    return Reaction if isinstance(declared, Reaction) else Projection
