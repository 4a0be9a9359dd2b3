"""A page of rows as a database gives it at once: values of one width, and texts with a sign between them.

So no object is made of each row: Arrow makes columns of the whole page.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from eventstore.archive.columns import ID, SCHEMAS

# What stands between two values. JSON holds none, as the tables refuse JSON that is not valid, and neither do names,
# keys and times. Were there one, the columns would not be of one length, which is an error.
BREAK: Final = "\x1e"

# What an id looks like where metadata name the command.
WRITTEN_ID: Final = "^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$"

# Values of one width, with their widths in bytes.
FIXED: Final = {
    "events": {"event_id": 16, "stream_id": 16, "command_id": 16, "digest": 32},
    "commands": {"command_id": 16, "fingerprint": 32, "digest": 32},
}

_positions = msgspec.json.Decoder(list[list[int]])


def table_of(name: str, rows: int, fixed: bytes, texts: Mapping[str, pa.Array]) -> pa.Table:
    """The table of a page. Beside the columns, `texts` has the `cause`: the command's id by the metadata, or nothing.

    Raises ValueError, or one of Arrow's errors, for what the program does not write.
    """
    columns = {**_fixed(name, rows, fixed), **texts}
    if not pc.all(pc.match_substring_regex(columns["cause"], WRITTEN_ID)).as_py():
        raise ValueError("metadata name a command by what is no id")
    if name == "events":
        columns["command_id"] = pc.if_else(
            pc.equal(columns["cause"], _text("")), pa.scalar(None, ID), columns["command_id"]
        )
    else:
        columns["accepted"] = columns["accepted"].cast(pa.int64()).cast(pa.bool_())
        lists = b"[" + b",".join(columns["positions"].cast(pa.binary()).to_pylist()) + b"]"
        columns["positions"] = pa.array(_positions.decode(lists), pa.list_(pa.int64()))
    if pa.types.is_string(columns["recorded_at"].type):
        columns["recorded_at"] = columns["recorded_at"].cast(pa.timestamp("us")).cast(pa.int64())
    schema = SCHEMAS[name].append(pa.field("digest", pa.binary(32), nullable=False))
    return pa.table([columns[field.name].cast(field.type) for field in schema], schema=schema)


def columns_of(names: Sequence[str], rows: int, content: str | bytes) -> dict[str, pa.Array]:
    """Columns of texts that come row by row, with a BREAK between two of them; bytes are checked to be UTF-8."""
    values = split(content, BREAK)
    if len(values) != len(names) * rows:
        raise ValueError("a text holds a separator of records")
    lists = pa.FixedSizeListArray.from_arrays(values, len(names))
    return {column: pc.list_element(lists, pa.scalar(at, pa.int32())) for at, column in enumerate(names)}


def split(content: str | bytes, between: str) -> pa.Array:
    """The texts of one, in which a sign stands between them."""
    whole = pa.array([content], pa.string() if isinstance(content, str) else pa.binary())
    return pc.split_pattern(whole.cast(pa.string()), between).values


def _fixed(name: str, rows: int, content: bytes) -> dict[str, pa.Array]:
    """The columns of values of one width."""
    widths = FIXED[name]
    whole = sum(widths.values())
    if len(content) != whole * rows:
        raise ValueError("an id or a hash is too short or too long")
    wide = pa.FixedSizeBinaryArray.from_buffers(pa.binary(whole), rows, [None, pa.py_buffer(content)])
    columns, begin = {}, 0
    for column, width in widths.items():
        columns[column] = pc.binary_slice(wide, begin, begin + width)
        begin += width
    return columns


def _text(value: str) -> pa.Scalar:
    """A scalar with its type: where it has none, pyarrow looks for NumPy on the disk each time to find it out."""
    return pa.scalar(value, pa.string())
