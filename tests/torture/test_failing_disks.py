"""The disk fails or is full: the error says so, nothing that was answered is lost, and all goes on afterwards.

What a failed sync did not write is lost even if a later one does well, as on Linux.
"""

from random import Random

import pytest

from tests.torture.fire.disk import needs_a_compiler
from tests.torture.fire.sites import is_well, must_be_well
from tests.torture.fire.templates import Template

pytestmark = needs_a_compiler

COMMANDS = 20
SAID = {  # in what the sender was told, or in the server's log
    ("sync", "sqlite"): "disk I/O error",
    ("full", "sqlite"): "database or disk is full",
    ("sync", "postgresql"): "Input/output error",
    ("full", "postgresql"): "No space left on device",
}


@pytest.mark.parametrize("fault", ["sync", "full"])
def test_nothing_that_was_answered_is_lost(fault: str, template_site: Template) -> None:
    with template_site.site() as site:
        site.start()
        site.work(COMMANDS)
        assert site.place.disk
        with site.place.disk.failing(fault):
            # Not until any error: where the machine is busy, a lock that nobody gets may be the first one.
            site.wait(lambda: SAID[fault, template_site.database] in "\n".join([*site.errors(), site.place.said()]))
        site.place.revive()
        site.work(COMMANDS)
        site.cut_power(Random(1), keeps_some=True)
        found = site.check(everything=True)
        must_be_well(found)


def test_a_disk_that_lies_is_found_out(template_site: Template) -> None:
    """The plant: the disk does not sync, and says that all is well."""
    with template_site.site() as site:
        site.start()
        site.work(COMMANDS)
        assert site.place.disk
        with site.place.disk.failing("lies"):
            site.work(COMMANDS)
            site.kill()
            site.place.kill()
        site.cut_power(Random(1), keeps_some=False)
        found = site.check()
        assert found["lost"]
        assert not is_well(found)
