"""Rows of the two stores as columns of Parquet, and back, byte for byte."""

import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from eventstore.archive.errors import ArchiveDamaged

ID: Final = pa.binary(16)

SCHEMAS: Final = {
    "events": pa.schema(
        [
            pa.field("position", pa.int64(), nullable=False),
            pa.field("event_id", ID, nullable=False),
            pa.field("category", pa.string(), nullable=False),
            pa.field("stream_id", ID, nullable=False),
            pa.field("version", pa.int64(), nullable=False),
            pa.field("type", pa.string(), nullable=False),
            pa.field("schema_version", pa.int16(), nullable=False),
            pa.field("recorded_at", pa.int64(), nullable=False),
            pa.field("command_id", ID),
            pa.field("metadata", pa.string(), nullable=False),
            pa.field("data", pa.string(), nullable=False),
        ]
    ),
    "commands": pa.schema(
        [
            pa.field("number", pa.int64(), nullable=False),
            pa.field("command_id", ID, nullable=False),
            pa.field("actor", pa.string(), nullable=False),
            pa.field("key", pa.string(), nullable=False),
            pa.field("fingerprint", pa.binary(32), nullable=False),
            pa.field("type", pa.string(), nullable=False),
            pa.field("schema_version", pa.int16(), nullable=False),
            pa.field("accepted", pa.bool_(), nullable=False),
            pa.field("recorded_at", pa.int64(), nullable=False),
            pa.field("metadata", pa.string(), nullable=False),
            pa.field("data", pa.string(), nullable=False),
            pa.field("response", pa.string(), nullable=False),
            pa.field("positions", pa.list_(pa.int64()), nullable=False),
        ]
    ),
}

# Texts that repeat are written once; what rises, as differences; ids and long texts as they are.
REPEATED: Final = ["category", "stream_id", "type", "actor", "metadata"]
RISING: Final = ["position", "number", "version", "schema_version", "recorded_at"]
PAGE_BYTES: Final = 8 << 20  # what is compressed together
LEVEL: Final = 3  # of zstd
BATCH: Final = 4_096  # rows that are decoded at once

MARK: Final = '"@"'  # stands for the command's id in metadata


class _Cause(msgspec.Struct):
    command_id: str | None = None


_cause = msgspec.json.Decoder(_Cause)


def cause_of(metadata: str) -> str | None:
    """The id of the command that metadata name, as it stands there."""
    return _cause.decode(metadata).command_id


def id_text(command_id: bytes) -> str:
    """An id as JSON has it."""
    digits = command_id.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def shortened(metadata: str, command_id: str) -> str:
    """Metadata with a mark in the place of an id; a text that begins like the mark gets a second sign."""
    if '"@' in metadata:
        metadata = metadata.replace('"@', '"@@')
    return metadata.replace(f'"{command_id}"', MARK)


def lengthened(metadata: str, command_id: str) -> str:
    """What `shortened` was given."""
    metadata = metadata.replace(MARK, f'"{command_id}"')
    return metadata.replace('"@@', '"@') if '"@@' in metadata else metadata


def encode(store: str, table: pa.Table) -> bytes:
    """A segment as Parquet."""
    schema = SCHEMAS[store]
    out = io.BytesIO()
    pq.write_table(
        table.select(schema.names),
        out,
        compression="zstd",
        compression_level=LEVEL,
        use_dictionary=[name for name in schema.names if name in REPEATED],
        column_encoding={name: "DELTA_BINARY_PACKED" for name in schema.names if name in RISING},
        data_page_size=PAGE_BYTES,
        dictionary_pagesize_limit=PAGE_BYTES,
        row_group_size=1 << 20,
        write_statistics=RISING,
        store_schema=False,
    )
    return out.getvalue()


def decode(
    store: str, name: str, content: bytes, wanted: Sequence[str] | None = None
) -> Iterator[dict[str, list[Any]]]:
    """The columns of a segment, all of them or those that are wanted, some thousands of rows at a time.

    Raises ArchiveDamaged for another schema.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        if not file.schema_arrow.equals(SCHEMAS[store]):
            raise ArchiveDamaged(f"{name} has other columns than this program knows. Restore it with a newer one.")
        for batch in file.iter_batches(BATCH, columns=None if wanted is None else list(wanted)):
            yield {column: batch[column].to_pylist() for column in batch.schema.names}
    except (pa.ArrowException, OSError) as error:
        raise ArchiveDamaged(f"{name} is damaged: {error}") from error
