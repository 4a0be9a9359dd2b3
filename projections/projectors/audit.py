"""The projector of the audit trail."""

from collections.abc import Iterator

from eventstore.log import CommandRecord
from eventstore.messages import type_of
from eventstore.projecting import rows
from projections.models import AuditLine


@rows(AuditLine, version=2)
def audit_lines(command: CommandRecord) -> Iterator[AuditLine]:
    """Each command, accepted or refused, with the first of the streams that it is about."""
    asked = command.command
    stream = next(filter(None, type_of(asked).streams_of(asked)))
    yield AuditLine(
        number=command.number,
        command_id=command.command_id,
        command=command.type,
        actor=command.actor,
        category=stream.category,
        stream_id=stream.id,
        accepted=command.accepted,
        code=command.refusal_code or "",
        reason=getattr(asked, "reason", ""),
        position=max(command.positions, default=None),
        recorded_at=command.recorded_at,
    )
