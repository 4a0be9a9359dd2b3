"""Senders, runner and PostgreSQL are killed at random: nothing that was answered is lost, or happens twice."""

from random import Random
from typing import Any, Final

from tests.torture import size
from tests.torture.fire.places import PostgreSQLServer
from tests.torture.fire.sites import Site, is_well
from tests.torture.fire.templates import Template
from tests.torture.test_power_cuts import figures

COMMANDS: Final = 30 if size.MINUTES == 0 else 1_500  # between two kills
KILLS: Final = 5
CHECK_EVERY: Final = 10  # kills


def test_what_was_answered_is_there_once_and_read_models_catch_up(template_site: Template) -> None:
    chance = Random(2)
    with template_site.site(on_a_disk=False) as site:
        for kill in size.rounds(KILLS, share=0.5):
            site.start()
            site.work(chance.randint(1, 2 * COMMANDS))
            kill_something(site, kill, chance)
            if kill % CHECK_EVERY == CHECK_EVERY - 1:
                found: dict[str, Any] = site.check()
                assert is_well(found), found
        found = site.check(everything=True)
        assert is_well(found), found
    size.report("kills", database=template_site.database, kills=kill + 1, **figures(found))


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


def test_a_sender_that_makes_a_new_key_for_each_attempt_is_found_out(template_site: Template) -> None:
    """The plant: what was under way is sent once more, but as something new."""
    with template_site.site(on_a_disk=False) as site:
        site.careless = True
        site.start()
        site.work(COMMANDS)
        site.kill()
        site.start()
        site.work(COMMANDS)
        found = site.check()
        assert found["not_asked_for"]
        assert not is_well(found)
