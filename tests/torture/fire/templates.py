"""Sites to be put under fire, each a copy of one that was made once."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.torture.fire.places import PostgreSQLServer, SQLiteFile, copied
from tests.torture.fire.sites import Site, ended, make

FILES: Final = ("bank.json", "tokens")
TEMPORARY: Final = "/tmp"  # noqa: S108 - PostgreSQL's sockets need a short path, and its account has to see it


@dataclass(frozen=True)
class Template:
    """A site that is ready: its data, its accounts, and, for PostgreSQL, where its programs are."""

    folder: Path
    database: str
    programs: Path | None = None

    @contextmanager
    def site(self, *, on_a_disk: bool = True, settings: Mapping[str, str] | None = None) -> Iterator[Site]:
        """A site that is started; with settings other than those that its promises need."""
        with temporary_folder() as folder:
            copied(self.folder / "data", folder / "data")
            for file in FILES:
                shutil.copy(self.folder / file, folder / file)
            place = self._place(folder, on_a_disk=on_a_disk, settings=settings or {})
            if place.disk:
                place.disk.watch()
            place.start()
            with ended(Site(place, folder)) as site:
                yield site

    def _place(self, folder: Path, *, on_a_disk: bool, settings: Mapping[str, str]) -> PostgreSQLServer | SQLiteFile:
        if self.database == "sqlite":
            pragmas = "".join(f"PRAGMA {name} = {value};" for name, value in settings.items())
            return SQLiteFile(folder, on_a_disk=on_a_disk, init=pragmas)
        return PostgreSQLServer(folder, on_a_disk=on_a_disk, options=settings, programs=self.programs)


@contextmanager
def template(database: str) -> Iterator[Template]:
    """A site with tables and accounts, whose programs have ended, to be copied."""
    with temporary_folder() as folder:
        if database == "sqlite":
            (folder / "data").mkdir()
            make(SQLiteFile(folder), folder)
            yield Template(folder, database)
            return
        server = PostgreSQLServer(folder)
        try:
            server.make()
            make(server, folder)
            server.stop()
        finally:
            server.kill()
        yield Template(folder, database, server.programs)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that every account can read, and that is removed."""
    with TemporaryDirectory(prefix="tidemark-", dir=TEMPORARY) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
