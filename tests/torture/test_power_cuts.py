"""The power goes while commands are executed: what was answered is there, once, and each retry is told the same.

The disk forgets all that was not synced, or keeps pieces of it. Settings that spare the sync are seen to lose.
"""

from random import Random
from typing import Any, Final

from tests.torture import size
from tests.torture.fire.disk import needs_a_compiler
from tests.torture.fire.sites import is_well, must_be_well
from tests.torture.fire.templates import Template

pytestmark = needs_a_compiler

CUTS: Final = 2
COMMANDS: Final = 40 if size.MINUTES == 0 else 400  # between two cuts
CARELESS: Final[dict[str, dict[str, str]]] = {
    "sqlite": {"synchronous": "NORMAL", "wal_autocheckpoint": "100000"},
    "postgresql": {"synchronous_commit": "off", "wal_writer_delay": "10000"},
}


def test_nothing_that_was_answered_is_lost(template_site: Template) -> None:
    chance, cuts = Random(1), 0
    with template_site.site() as site:
        for cuts in size.rounds(CUTS, share=0.3):
            site.start()
            site.work(chance.randint(1, 2 * COMMANDS))
            site.cut_power(chance, keeps_some=cuts % 2 == 1)
            found: dict[str, Any] = site.check()
            must_be_well(found)
        found = site.check(everything=True)
        must_be_well(found)
    size.report("power cuts", database=template_site.database, cuts=cuts + 1, **figures(found))


def test_settings_that_spare_the_sync_lose(template_site: Template) -> None:
    with template_site.site(settings=CARELESS[template_site.database]) as site:
        site.start()
        site.work(COMMANDS)
        site.cut_power(Random(1), keeps_some=False)
        found = site.check()
        assert found["lost"]
        assert not is_well(found)


def figures(found: dict[str, Any]) -> dict[str, Any]:
    """What the checker has found, in numbers."""
    return {
        "acknowledged": found["acknowledged"],
        "lost": len(found["lost"]),
        "twice": found["not_asked_for"],
        "retried": found["retried"],
        "told_otherwise": len(found["told_otherwise"]),
        "commands": found.get("commands"),
        "events": found.get("events"),
    }
