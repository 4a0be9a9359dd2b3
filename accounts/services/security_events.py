"""What the security log hears of by itself: sign-outs, and what commands have done or were refused.

Whoever sends a command, by a page, the API, the admin or manage.py, comes by here.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.users import security_log
from accounts.users.models import User
from accounts.users.security_log import SYSTEM, record
from eventstore.decider import Refused
from eventstore.log import CommandRecord, Recorded, log_database
from eventstore.signals import commands_recorded, events_appended, keys_rotated, personal_data_printed

# Facts that are grave enough, by their stored names: the name in the security log, and the fields that say which one.
GRAVE: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "customer.erased": ("customer.erased", ("customer_id",)),
    "approval.granted": ("approval.granted", ("approval_id",)),
    "projection.event_skipped": ("parked_event.skipped", ("projection", "position", "stream_id")),
}
# Codes of refusals that tell of a lack of authority, not of a mistake.
UNAUTHORIZED: Final = frozenset({"FORBIDDEN", "SELF_APPROVAL", "APPROVAL_REQUIRED", "SIGN_IN_AGAIN", "RAILS_OFF"})
ACTOR: Final = re.compile(r"(customer|staff|system):[\w.:-]{1,80}")  # a person who skips an event may give any name


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        record("sign_out", request, actor=user.actor)


@receiver(events_appended)
def _happened(records: Sequence[Recorded[Any]], **_: Any) -> None:
    for one in records:
        if one.type in GRAVE and not one.metadata.get("imported"):
            name, fields = GRAVE[one.type]
            facts: dict[str, Any] = {field: str(getattr(one.event, field)) for field in fields}
            _after_commit(partial(record, name, **facts), one.metadata.get("actor"))


@receiver(commands_recorded)
def _refused(records: Sequence[CommandRecord], **_: Any) -> None:
    for one in records:
        if not one.accepted and one.refusal_code in UNAUTHORIZED and not one.metadata.get("imported"):
            _after_commit(partial(security_log.record_refusal, one.refusal_code, command=one.type), one.actor)


@receiver(keys_rotated)
def _rotated(master: str, rewrapped: int, **_: Any) -> None:
    record("keys.rotated", master=master, persons=rewrapped)


@receiver(personal_data_printed)
def _printed(name: str, rows: int, **_: Any) -> None:
    record("personal_data.read", what=name, count=rows)


@contextmanager
def record_refusal(command: Any, actor: str) -> Iterator[None]:
    """Within the block, a refusal for want of authority is logged, which no command store will tell of."""
    try:
        yield
    except Refused as refused:
        if refused.refusal.code in UNAUTHORIZED:
            security_log.record_refusal(refused.refusal.code, actor=actor, command=type(command).__name__)
        raise


def _after_commit(tell: Callable[..., None], actor: str | None) -> None:
    known = actor if actor and ACTOR.fullmatch(actor) else SYSTEM
    transaction.on_commit(partial(tell, actor=known), using=log_database())
