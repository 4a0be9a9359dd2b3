"""Work with kills in between: senders, runner and PostgreSQL, as a whole or in part."""

from collections.abc import Iterable
from random import Random
from typing import Final

from tests.torture.fire.places import PostgreSQLServer
from tests.torture.fire.sites import Site, must_be_well

CHECK_EVERY: Final = 10  # kills


def work_under_kills(site: Site, rounds: Iterable[int], *, commands: int, chance: Random) -> int:
    """Let a site work, so many commands a round on the average, and kill something after each; how many rounds."""
    kill = -1
    for kill in rounds:
        site.start()
        site.work(chance.randint(1, 2 * commands))
        kill_something(site, kill, chance)
        if kill % CHECK_EVERY == CHECK_EVERY - 1:
            found = site.check()
            must_be_well(found)
    return kill + 1


def kill_something(site: Site, number: int, chance: Random) -> None:
    """Kill one after the other of what there is."""
    server = site.place if isinstance(site.place, PostgreSQLServer) else None
    match number % 5:
        case 0:
            site.kill("sender 0")
        case 1:
            site.kill("runner")
        case 2:
            site.kill()
        case 3 if server:
            server.kill_a_backend(chance)
        case 4 if server:
            server.kill_postmaster()
            server.start()
        case _:
            site.kill("sender 1", "runner")
