"""Where an archive lies: in a folder, or below an address in S3."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from eventstore.archive.errors import ArchiveDamaged, CannotArchive, CannotRestore

if TYPE_CHECKING:
    pass

NO_PYARROW = (
    "Archives are written and read with pyarrow, which is not installed. Type: pip install 'django-tidemark[archive]'"
)

REFUSALS = ("ACCESS_DENIED", "SIGNATURE_DOES_NOT_MATCH", "INVALID_ACCESS_KEY_ID", "INVALID_CLIENT_TOKEN_ID")


def must_have_pyarrow() -> None:
    """Raise CannotRestore, with the remedy, where pyarrow is missing: to be called before what needs it is imported."""
    if find_spec("pyarrow") is None:
        raise CannotRestore(NO_PYARROW)


class Readable(Protocol):
    """Something to read from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, `size` of them at most; none at the end."""


class Place(Protocol):
    """A place for files. Names are relative, with slashes."""

    def read(self, name: str) -> bytes:
        """The content of a file; raises FileNotFoundError."""

    def open(self, name: str) -> AbstractContextManager[Readable]:
        """A file, to be read piece by piece; raises FileNotFoundError."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file, or replace it, in one step: readers find it whole, as it was or as it is."""

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""

    def names(self) -> list[str]:
        """The names of all files, without those that are being written."""

    def held(self) -> AbstractContextManager[None]:
        """Within the block, nobody else writes here, where the place can promise that."""


def place_of(address: str) -> Place:
    """The place at an address: a folder's path, or `s3://bucket/prefix?…`."""
    return Bucket(address) if "://" in address else Folder(Path(address))


class Folder:
    """A folder. Its files are private: they hold keys, though encrypted, and hashes of passwords."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def open(self, name: str) -> AbstractContextManager[Readable]:
        return (self.path / name).open("rb")

    def write(self, name: str, content: bytes) -> None:
        """Write a temporary file, force it to the disk, and rename it."""
        target = self.path / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.new")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
        _sync(target.parent)

    def delete(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        files = (path.relative_to(self.path) for path in self.path.rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in files if not path.name.startswith("."))

    @contextmanager
    def held(self) -> Iterator[None]:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o600), "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise CannotArchive(f"Another run is writing to {self.path}. Wait for its end.") from error
            for left in self.path.rglob(".*.new"):  # by a run that was killed
                left.unlink()
            yield


class Bucket:
    """A prefix in an object store, by way of pyarrow: objects are there whole, or not at all."""

    def __init__(self, address: str) -> None:
        from pyarrow.fs import FileSystem, SubTreeFileSystem  # noqa: PLC0415 - an extra

        try:
            system, prefix = FileSystem.from_uri(address)
        except (OSError, ValueError) as error:
            raise CannotRestore(f"{address} is no address that can be opened: {error}") from error
        self.address, self.bucket = address, prefix.partition("/")[0]
        self.system: FileSystem = SubTreeFileSystem(prefix, system)

    def read(self, name: str) -> bytes:
        with self._reached(), self.system.open_input_stream(name) as stream:
            content: bytes = stream.read()
        return content

    def open(self, name: str) -> AbstractContextManager[Readable]:
        with self._reached():
            stream: AbstractContextManager[Readable] = self.system.open_input_stream(name)
        return stream

    def write(self, name: str, content: bytes) -> None:
        with self._reached(), self.system.open_output_stream(name) as stream:
            stream.write(content)

    def delete(self, name: str) -> None:
        with self._reached(), suppress(FileNotFoundError):
            self.system.delete_file(name)

    def names(self) -> list[str]:
        from pyarrow.fs import FileSelector, FileType  # noqa: PLC0415 - an extra

        with self._reached():
            found = self.system.get_file_info(FileSelector("", recursive=True, allow_not_found=True))
        return sorted(info.path for info in found if info.type == FileType.File)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Promise nothing: there is no lock that every object store has. One writer is the operator's affair."""
        yield

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Say what is in the way, where the store lets nobody in or has no such bucket."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            if any(code in str(error) for code in REFUSALS):
                raise OSError(
                    f"The object store refuses the keys with which it was asked for {self.bucket}: look at "
                    f"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and at what they may do there. {error}"
                ) from error
            if "NO_SUCH_BUCKET" in str(error):
                raise OSError(f"The object store has no bucket {self.bucket}. Make it first. {error}") from error
            raise


def content_of(place: Place, name: str) -> bytes:
    """The content of a file that the manifest names; raises ArchiveDamaged if it is missing."""
    try:
        return place.read(name)
    except FileNotFoundError as error:
        raise ArchiveDamaged(f"{name} is missing, which the manifest names.") from error


@contextmanager
def opened_at(place: Place, name: str) -> Iterator[Readable]:
    """A file that the manifest names, to be read piece by piece; raises ArchiveDamaged if it is missing."""
    try:
        opening = place.open(name)
    except FileNotFoundError as error:
        raise ArchiveDamaged(f"{name} is missing, which the manifest names.") from error
    with opening as file:
        yield file


def _sync(folder: Path) -> None:
    """Force a folder's entries to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
