"""Projections by name, as commands are given them."""

from collections.abc import Sequence

from django.core.management.base import CommandError

from eventstore.projecting.declaration import Projection, projections


def choose(names: Sequence[str], *, delayed: bool = False) -> list[Projection]:
    """The named projections, or all of them; only delayed ones if asked for. CommandError names what there is."""
    offered = {name: p for name, p in sorted(projections.items()) if p.delayed or not delayed}
    if unknown := set(names) - set(offered):
        kind = "delayed projection" if delayed else "projection"
        raise CommandError(f"No {kind} is called {min(unknown)!r}. There are: {', '.join(offered) or 'none'}.")
    return [offered[name] for name in dict.fromkeys(names)] if names else list(offered.values())
