"""The envelope of an event that leaves the house: CloudEvents 1.0, as one JSON object ("structured mode").

What is an integer in the log and may pass 2^31 is text here, as CloudEvents' own integers end there. See docs/relay.md.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from eventstore import messages, personal
from eventstore.backends.rows import Identity
from eventstore.errors import DeliveryRefused
from eventstore.keys.fields import unreadable_fields
from eventstore.log.cursor_text import Cursor
from eventstore.log.records import Recorded
from eventstore.telemetry.traceparent import NAME as TRACEPARENT
from eventstore.telemetry.traceparent import parsed

CONTENT_TYPE: Final = "application/cloudevents+json; charset=UTF-8"
_SEQUENCE_DIGITS: Final = 19  # of the largest version, so that texts sort as numbers do


class Message(NamedTuple):
    """An event as targets send it: its id, by which repeats are dropped, where it belongs, and the envelope."""

    event_id: UUID
    stream_id: UUID
    category: str
    type: str
    body: bytes
    traceparent: str | None = None  # the span that recorded it

    @property
    def trace_headers(self) -> dict[str, str]:
        """The header by which a receiver joins the trace; none, if there is no trace."""
        return {TRACEPARENT: self.traceparent} if self.traceparent else {}


def message(record: Recorded[Any], of: Identity, *, with_personal: bool) -> Message:
    """The message of an event that was read from a log with this identity.

    Raises DeliveryRefused for personal data that are asked for and can't be decrypted.
    """
    body = msgspec.json.encode({**_context(record, of), "data": _data(record, with_personal=with_personal)})
    return Message(record.event_id, record.stream_id, record.category, record.type, body, _traceparent(record))


def _context(record: Recorded[Any], of: Identity) -> Mapping[str, Any]:
    """The context attributes; of those that begin with `epoch`, CloudEvents knows nothing (extensions)."""
    metadata = record.metadata
    causes = {
        "correlationid": metadata.get("correlation_id"),
        "causationid": metadata.get("causation_id"),
        TRACEPARENT: _traceparent(record),  # CloudEvents' extension of distributed tracing
    }
    return {
        "specversion": "1.0",
        "id": str(record.event_id),
        "source": f"urn:uuid:{of.log_id}",
        "type": record.type,
        "subject": f"{record.category}/{record.stream_id}",
        "time": record.recorded_at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "epoch": of.epoch,
        "position": str(record.position),
        "cursor": Cursor(of, record.position).text,
        "sequence": f"{record.version:0{_SEQUENCE_DIGITS}d}",
        "partitionkey": str(record.stream_id),
        "schemaversion": record.schema_version,
        **{name: str(value) for name, value in causes.items() if value},
    }


def _traceparent(record: Recorded[Any]) -> str | None:
    """The span that recorded the event, if the event names one."""
    found = parsed(record.metadata.get(TRACEPARENT)) if TRACEPARENT in record.stored_metadata else None
    return str(found) if found else None


def _data(record: Recorded[Any], *, with_personal: bool) -> Mapping[str, Any]:
    """The event's fields, in the present shape; this is the one place that decides on personal ones.

    For whom they are not meant, they are left out. For others they are in clear, and null once the person is erased.
    """
    fields: dict[str, Any] = personal.shown(record.event)
    if not with_personal:
        return {name: value for name, value in fields.items() if name not in messages.type_of(record.event).personal}
    for unreadable in unreadable_fields(record.event):
        raise DeliveryRefused(f"The field {unreadable.name} can't be decrypted. manage.py doctor says more.")
    return fields
