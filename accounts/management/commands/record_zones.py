"""`manage.py record_zones`: records the names of time zones that the pinned package `tzdata` knows."""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

from django.core.management.base import CommandParser

from accounts.domain import zone_names
from eventstore.management.command import EngineCommand

NO_ZONES: Final = {"Factory"}  # a machine whose clock nobody has set
UTC: Final = "UTC"  # people know it by this name, not as Etc/UTC
HEAD: Final = '''"""The names of time zones, and where older names lead. Made by `manage.py record_zones`."""

from typing import Final

'''


class Command(EngineCommand):
    help = (
        "Record the names of time zones in accounts/domain/zone_names.py, from the pinned package tzdata; to be done "
        "after another version of it was pinned. A name is offered if it is a zone, or if a country's table lists it; "
        "any other is a link, which leads to one of these. With --check nothing is written; exits with 3 if the "
        "file is not what would be written."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, and tell whether the file is right")
        parser.add_argument("--json", action="store_true", dest="as_json", help="tell it as JSON")

    def handle(self, *args: Any, check: bool, as_json: bool, **options: Any) -> None:
        path, text = Path(zone_names.__file__), python_source()
        is_right = path.read_text() == text
        if not (check or is_right):
            path.write_text(text)
        zones, links = recorded()
        if as_json:
            self.stdout.write(json.dumps({"zones": len(zones), "links": len(links), "changed": not is_right}))
        else:
            state = "right" if is_right else "out of date: run manage.py record_zones" if check else "written"
            self.stdout.write(f"{path.name}: {len(zones)} zones, {len(links)} links; {state}.")
        if check and not is_right:
            raise SystemExit(3)


def recorded() -> tuple[list[str], dict[str, str]]:
    """The names that are offered, and the other names, each with the offered one to which it leads."""
    zones, links = _of_package()
    offered = (zones | _of_countries() | {UTC}) - NO_ZONES - {f"Etc/{UTC}"}
    leads = {**links, f"Etc/{UTC}": UTC}
    return sorted(offered), {name: _followed(name, leads, offered) for name in sorted(leads) if name not in offered}


def python_source() -> str:
    """The text of the module that holds the names."""
    zones, links = recorded()
    pairs = [f"{name}={target}" for name, target in links.items()]
    return (
        f"{HEAD}ZONES: Final = frozenset(\n{_block(zones)}.split()  # noqa: SIM905 - one name a line is long\n)\n\n"
        'LINKS: Final = dict(\n    pair.split("=")\n    for pair in '
        f"{_block(pairs).lstrip()}.split()  # noqa: SIM905\n)\n"
    )


def _of_package() -> tuple[set[str], Mapping[str, str]]:
    """The zones and the links of the package: `Z name …` and `L target name`."""
    lines = [line.split() for line in (files("tzdata") / "zoneinfo" / "tzdata.zi").read_text().splitlines()]
    zones = {words[1] for words in lines if words[0] == "Z"}
    return zones, {words[2]: words[1] for words in lines if words[0] == "L"}


def _of_countries() -> set[str]:
    """The zones of each country's table: whoever lives in Oslo looks for Oslo, though its rules are Berlin's."""
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines()
    return {line.split("\t")[2] for line in lines if not line.startswith("#")}


def _followed(name: str, leads: Mapping[str, str], offered: set[str]) -> str:
    while name not in offered:
        name = leads[name]
    return name


def _block(words: list[str]) -> str:
    def lines() -> Iterator[str]:
        yield '    """'
        yield from (
            f"    {line}" for line in wrap(" ".join(words), 116, break_on_hyphens=False, break_long_words=False)
        )
        yield '    """'

    return "\n".join(lines())
