"""Small files of lines: JSON for all to read, and rows of tables as Django serializes them."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import msgspec
from django.apps import apps
from django.core import serializers
from django.core.exceptions import ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet

from eventstore.archive.errors import ArchiveDamaged
from eventstore.archive.format import File
from eventstore.archive.places import Place, content_of, opened_at
from eventstore.backends.configured import setting


class Exact(DjangoJSONEncoder):
    """Django's own encoder, which drops microseconds, without that."""

    def default(self, o: Any) -> Any:
        """A time to the microsecond."""
        return moment_text(o) if isinstance(o, datetime) else super().default(o)


SHOWN_DIGITS = 32  # of a hash, in a name
BLOCK_BYTES = 1 << 20
HELD_BYTES = 8 << 20  # of a file that is being read; more of it goes to the disk


def moment_text(moment: datetime) -> str:
    """A time as the archive has it: RFC 3339 in UTC, with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def write_file(place: Place, stem: str, ending: str, content: bytes, rows: int) -> File:
    """Write a file, named by its content."""
    digest = hashlib.sha256(content).hexdigest()
    file = File(name=f"{stem}-{digest[:SHOWN_DIGITS]}.{ending}", rows=rows, bytes=len(content), sha256=digest)
    place.write(file.name, content)
    return file


def read_file(place: Place, file: File) -> bytes:
    """The content of a file; raises ArchiveDamaged if it is not what was written."""
    content = content_of(place, file.name)
    if len(content) != file.bytes or hashlib.sha256(content).hexdigest() != file.sha256:
        raise _changed(file)
    return content


def _changed(file: File) -> ArchiveDamaged:
    return ArchiveDamaged(f"{file.name} was changed: it does not have the checksum that the manifest has.")


def write_lines(place: Place, stem: str, lines: Iterable[Mapping[str, Any]]) -> File:
    """Write lines of JSON."""
    encoded = [msgspec.json.encode(line) for line in lines]
    return write_file(place, stem, "jsonl", b"".join(line + b"\n" for line in encoded), len(encoded))


def read_lines(place: Place, file: File) -> list[dict[str, Any]]:
    """The lines of a file, decoded."""
    try:
        lines = [msgspec.json.decode(line, type=dict[str, Any]) for line in read_file(place, file).splitlines()]
    except msgspec.MsgspecError as error:
        raise ArchiveDamaged(f"{file.name} is damaged: {error}.") from error
    _must_have(file, len(lines))
    return lines


def write_rows(place: Place, stem: str, rows: "QuerySet[Any]") -> File:
    """Write the rows of a table, in the order of their keys."""
    out, count = io.BytesIO(), 0

    def counted() -> Iterator[Model]:
        nonlocal count
        for row in rows.order_by("pk").iterator(chunk_size=2_000):
            count += 1
            yield row

    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed, io.TextIOWrapper(packed, "utf-8") as text:
        serializers.serialize("jsonl", counted(), stream=text, cls=Exact, use_natural_foreign_keys=True)
    return write_file(place, stem, "jsonl.gz", out.getvalue(), count)


def read_rows(place: Place, file: File, *, using: str) -> Iterator[Any]:
    """The rows of a table, to be saved into a database; raises ArchiveDamaged for one that this site does not have."""
    count = 0
    try:
        with opened(place, file) as content, gzip.open(content, "rt", encoding="utf-8") as text:
            for row in serializers.deserialize("jsonl", text, using=using):
                count += 1
                yield row
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, serializers.base.DeserializationError) as error:
        raise ArchiveDamaged(f"{file.name} does not fit the tables of this site: {error}") from error
    _must_have(file, count)


@contextmanager
def opened(place: Place, file: File) -> Iterator[IO[bytes]]:
    """A file that may be large, to be read piece by piece; raises ArchiveDamaged if it is not what was written."""
    digest, size = hashlib.sha256(), 0
    with SpooledTemporaryFile(max_size=HELD_BYTES) as copy:
        with opened_at(place, file.name) as source:
            while block := source.read(BLOCK_BYTES):
                digest.update(block)
                size += copy.write(block)
        if size != file.bytes or digest.hexdigest() != file.sha256:
            raise _changed(file)
        copy.seek(0)
        yield copy


def tables() -> dict[str, tuple[type[Model], str | None]]:
    """The models of the setting ARCHIVE_TABLES, by name, each with its field for positions, if it was given one."""
    given = setting("ARCHIVE_TABLES", ())
    named = given if isinstance(given, Mapping) else dict.fromkeys(given)
    try:
        return {apps.get_model(name)._meta.label: (apps.get_model(name), field) for name, field in named.items()}
    except (LookupError, ValueError) as error:
        raise ImproperlyConfigured(f"ARCHIVE_TABLES names what is no model: {error}") from error


def _must_have(file: File, count: int) -> None:
    if count != file.rows:
        raise ArchiveDamaged(f"{file.name} has {count:,} rows, and the manifest says {file.rows:,}.")
