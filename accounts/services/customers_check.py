"""The check of customers, for `manage.py verify`: their sign-ins and keys, against the facts that the log has of them.

A sign-in has the e-mail of the facts, and is shut when the customer is erased, never before; so is the key of what is
personal about them. A sign-in that was deleted lets nobody in, so it is no finding. What is no fact is not compared:
passwords, second factors, tokens.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.domain.rules import CUSTOMERS
from accounts.services.details import details_in
from accounts.users.emails import erased_email, normalise_email, released_email
from accounts.users.models import User
from eventstore import log
from eventstore.integrity.checks import Finding, check_site
from eventstore.log import Recorded, primary_rows
from eventstore.models import Event, Stream, SubjectKey
from eventstore.personal import UNREADABLE

MANY: Final = 500  # customers who are looked at at a time


class Facts(NamedTuple):
    """What the log says of a customer; the e-mail is None if it was given back, or was erased with its key."""

    customer_id: UUID
    email: str | None
    erased: bool


@check_site
def customers_as_recorded() -> Iterator[Finding]:
    """What a customer's sign-in or key says otherwise than the log, and sign-ins of customers whom it does not know."""
    after = UUID(int=0)
    while customers := list(_streams().filter(stream_id__gt=after).values_list("stream_id", flat=True)[:MANY]):
        with log.snapshot():  # a customer may change their e-mail meanwhile
            found = list(_of(customers))
        yield from found
        after = customers[-1]
    unknown = ~Exists(_streams().filter(stream_id=OuterRef("customer_id")))
    for pk in primary_rows(User).filter(unknown, customer_id__isnull=False).order_by("pk").values_list("pk", flat=True):
        yield Finding(f"user {pk}", "They sign in as a customer whom the log does not know.")


def put_right(user_id: int) -> None:
    """Makes a customer's sign-in what the log says, after a restore to an earlier time; all their access ends.

    A sign-in whose customer the log does not know is deleted. Raises User.DoesNotExist, also for a member of staff.
    """
    with transaction.atomic(using=log.log_database()):
        user = primary_rows(User).select_for_update().get(pk=user_id, customer_id__isnull=False)
        records = list(log.read_stream(user.customer_id)) if user.customer_id else []
        if not user.customer_id or not records:
            user.delete()
            return
        facts = _facts(user.customer_id, records)
        user.email, user.is_active = _email(facts), not facts.erased
        user.new_email, user.new_email_at = "", None
        user.save()
        user.end_access()


def _streams() -> Any:
    return primary_rows(Stream).filter(category=CUSTOMERS.category).order_by("stream_id")


def _of(customers: Sequence[UUID]) -> Iterator[Finding]:
    users = {user.customer_id: user for user in primary_rows(User).filter(customer_id__in=customers)}
    keys = primary_rows(SubjectKey).filter(subject_id__in=customers).values_list("subject_id", "erased_at")
    erased_at, end = dict(keys), _end_of_log()
    for customer_id, records in log.read_streams(customers).items():
        facts = _facts(customer_id, records)
        if customer_id in erased_at and (problem := _problem_of_key(erased_at[customer_id], facts, end)):
            yield Finding(f"customer {customer_id}", problem)
        elif user := users.get(customer_id):
            yield from (Finding(f"user {user.pk}", problem) for problem in _problems_of_sign_in(user, facts))


def _facts(customer_id: UUID, records: Sequence[Recorded[Any]]) -> Facts:
    customer = CUSTOMERS.fold(CUSTOMERS.initial, (record.event for record in records))
    return Facts(customer_id, details_in(records).get("email"), customer.erased)


def _end_of_log() -> datetime | None:
    """When the last event was recorded: an archive may have the erasures of a moment later than its events."""
    return primary_rows(Event).order_by("-position").values_list("recorded_at", flat=True).first()


def _problem_of_key(erased_at: datetime | None, facts: Facts, end: datetime | None) -> str | None:
    if facts.erased and erased_at is None:
        return "The log has erased them, but the key of what is personal about them is there."
    if not facts.erased and erased_at is not None and (end is None or erased_at <= end or erased_at > log.now()):
        return "The key of what is personal about them was deleted, but the log has not erased them."
    return None


def _problems_of_sign_in(user: User, facts: Facts) -> Iterator[str]:
    if user.is_active and facts.erased:
        yield "They may sign in, but the log has erased them."
    if not user.is_active and not facts.erased:
        yield "They may not sign in, but the log has not erased them."
    if facts.email != UNREADABLE and normalise_email(user.email) != _email(facts):
        yield "Their e-mail is not the one that the log tells."


def _email(facts: Facts) -> str:
    if facts.erased:
        return erased_email(facts.customer_id)
    return normalise_email(facts.email) if facts.email else released_email(facts.customer_id)
