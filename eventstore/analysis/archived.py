"""The archive as DuckDB reads it: the segments that its manifest names, and no other file of it.

An archive also holds keys, and tables with hashes of passwords. None of these is ever opened here.
"""

from datetime import datetime
from typing import Any, Final

from eventstore.analysis.errors import CannotAnalyse, NoArchive
from eventstore.archive import manifest
from eventstore.archive.columns import SCHEMAS
from eventstore.archive.continuity import ANOTHER, must_continue
from eventstore.archive.errors import CannotArchive, CannotRestore
from eventstore.archive.format import Manifest
from eventstore.archive.places import Bucket, Folder, Place, place_of

STORES: Final = ("events", "commands")


class Archive:
    """An archive of this log, opened for reading."""

    def __init__(self, address: str) -> None:
        """Read the manifest; raises CannotAnalyse unless there is one, and it is of this log."""
        try:
            self.place: Place = place_of(address)
            self.manifest: Manifest = manifest.read(self.place).manifest
            must_continue(self.place, self.manifest)
        except FileNotFoundError as error:
            raise NoArchive(f"There is no archive at {address}. Make it: manage.py archive {address}") from error
        except (CannotArchive, CannotRestore, OSError) as error:
            raise CannotAnalyse(
                f"The archive at {address} can't be read together with this log. {_cause(error)}"
            ) from error

    @property
    def written_at(self) -> datetime:
        """When it was last written."""
        return datetime.fromisoformat(self.manifest.written_at)

    def files(self, store: str) -> list[str]:
        """The paths of the segments, as DuckDB opens them by itself; none, where pyarrow opens them."""
        if not isinstance(self.place, Folder):
            return []
        folder = self.place.path.resolve()
        return [str(folder / segment.name) for segment in self.manifest.tree(store).segments]

    def dataset(self, store: str) -> Any:
        """The segments in an object store, read by way of pyarrow: DuckDB itself is connected to no network."""
        from pyarrow.dataset import dataset  # noqa: PLC0415 - an extra

        if not isinstance(self.place, Bucket):
            return None
        names = [segment.name for segment in self.manifest.tree(store).segments]
        if not names:
            return SCHEMAS[store].empty_table()
        return dataset(names, schema=SCHEMAS[store], format="parquet", filesystem=self.place.system)


def _cause(error: Exception) -> str:
    """What is wrong; not what whoever writes into that archive should do."""
    return str(error).removesuffix(ANOTHER)
