"""Senders, runner and PostgreSQL are killed at random: nothing that was answered is lost, or happens twice."""

from random import Random
from typing import Final

from tests.torture import size
from tests.torture.fire.kills import work_under_kills
from tests.torture.fire.sites import is_well, must_be_well
from tests.torture.fire.templates import Template
from tests.torture.test_power_cuts import figures

COMMANDS: Final = 30 if size.MINUTES == 0 else 3_000  # between two kills
KILLS: Final = 5
BATCH: Final = 50 if size.MINUTES == 0 else 1_000  # commands in a transaction, of every other sender


def test_what_was_answered_is_there_once_and_read_models_catch_up(template_site: Template) -> None:
    with template_site.site(on_a_disk=False) as site:
        site.batch = BATCH
        kills = work_under_kills(site, size.rounds(KILLS, share=0.5), commands=COMMANDS, chance=Random(2))
        found = site.check(everything=True)
        must_be_well(found)
    size.report("kills", database=template_site.database, kills=kills, **figures(found))


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
