"""Whoever owns the database can change what is beside the log, too; `verify` finds it where the log tells otherwise.

The generator is seeded: a failure names its seed. FORGERIES=1000 makes a long run. What no fact tells is not promised:
`docs/guarantees.md` names it.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from django.contrib.auth.hashers import make_password
from django.db import Error, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.services.emails import release_unconfirmed
from accounts.services.ids import new_id
from accounts.users.emails import erased_email
from accounts.users.models import User
from eventstore import log
from eventstore.integrity.verify import verify
from eventstore.keys.subjects import key_to_write
from eventstore.models import Event, Stream, SubjectKey
from projections.models import Statement
from projections.statements.issuance import issue
from tests.factories import CustomerFactory, ErasureFactory, NewcomerFactory
from tests.history import opened, paid_in, registered, utc
from tests.torture.forgeries.other_values import flipped_in
from tests.torture.test_forgeries import Undone

pytestmark = pytest.mark.django_db

MANY = int(os.environ.get("FORGERIES", "33"))
FORMER = "former@example.org"


@pytest.fixture(autouse=True)
def site() -> None:
    """Customers of all kinds, and an account with statements."""
    account = opened(registered(utc(2026, 1, 5)), utc(2026, 1, 10))
    paid_in(account, 100, utc(2026, 1, 20))
    issue()
    ErasureFactory.create(customer=CustomerFactory.create())
    NewcomerFactory.create(email=FORMER)
    release_unconfirmed(FORMER)
    CustomerFactory.create()


def customers() -> list[User]:
    return list(User.objects.filter(customer_id__isnull=False).order_by("pk"))


def is_erased(user: User) -> bool:
    return user.email.startswith("erased-")


def change(user: User, **changes: object) -> str:
    """Change a user as from a database console."""
    QuerySet(User).filter(pk=user.pk).update(**changes)
    return f"{', '.join(changes)} of {user}"


def let_in_or_out(rng: Random) -> str:
    user = rng.choice(customers())
    return change(user, is_active=not user.is_active)


def an_email(rng: Random) -> str:
    user = rng.choice(customers())
    return change(user, email=flipped_in(rng, user.email))


def an_erased_customer_brought_back(_rng: Random) -> str:
    (user,) = filter(is_erased, customers())
    return change(user, email="back@example.org", is_active=True, password=make_password("korrekt Pferd"))


def a_customer_made_to_look_erased(rng: Random) -> str:
    user = rng.choice([user for user in customers() if not is_erased(user)])
    assert user.customer_id
    return change(user, email=erased_email(user.customer_id), is_active=False)


def two_sign_ins_exchanged(rng: Random) -> str:
    one, two = rng.sample(customers(), 2)
    for user, customer_id in ((one, None), (two, one.customer_id), (one, two.customer_id)):
        QuerySet(User).filter(pk=user.pk).update(customer_id=customer_id, is_staff=customer_id is None)
    QuerySet(User).filter(pk=one.pk).update(is_staff=False)
    return f"the sign-ins of {one} and {two} exchanged"


def a_sign_in_invented(rng: Random) -> str:
    User.objects.create_customer(f"{rng.random()}@example.org", make_password("x"), new_id())
    return "a sign-in invented"


def a_key_deleted_as_by_an_erasure(rng: Random) -> str:
    key = rng.choice(list(SubjectKey.objects.filter(erased_at=None).order_by("pk")))
    at = Event.objects.latest("position").recorded_at - timedelta(minutes=rng.randrange(9))
    SubjectKey.objects.filter(pk=key.pk).update(wrapped=None, site_key=None, erased_at=at)
    return f"the key of {key} deleted"


def a_key_of_somebody_erased(_rng: Random) -> str:
    (subject,) = SubjectKey.objects.filter(erased_at__isnull=False).values_list("pk", flat=True)
    SubjectKey.objects.filter(pk=subject).delete()
    key_to_write(subject)
    return f"a key for {subject}, who was erased"


def time_that_is_open(rng: Random) -> str:
    earlier = Statement.objects.latest("number").ends_at - timedelta(microseconds=10 ** rng.randrange(9))
    Stream.objects.filter(closed_until__isnull=False).update(closed_until=rng.choice([None, earlier]))
    return "an issued month opened"


def time_that_is_closed(rng: Random) -> str:
    head = rng.choice(list(Stream.objects.order_by("pk")))
    Stream.objects.filter(pk=head.pk).update(closed_until=log.now() + timedelta(hours=rng.randrange(1, 999)))
    return f"{head} closed"


FORGERIES: list[Callable[[Random], str]] = [
    let_in_or_out,
    an_email,
    an_erased_customer_brought_back,
    a_customer_made_to_look_erased,
    two_sign_ins_exchanged,
    a_sign_in_invented,
    a_key_deleted_as_by_an_erasure,
    a_key_of_somebody_erased,
    time_that_is_open,
    time_that_is_closed,
]


def sentences() -> list[str]:
    return [fault.sentence for fault in verify().faults.named]


def test_each_forgery_beside_the_log_is_found() -> None:
    assert sentences() == []
    missed, made = list[str](), 0
    for seed in range(MANY):
        rng, forged = Random(seed), ""
        try:
            with transaction.atomic():
                forged = FORGERIES[seed % len(FORGERIES)](rng)
                if not sentences():
                    missed.append(f"seed {seed}: {forged}")
                raise Undone
        except Undone:
            made += 1
        except Error:
            continue  # the database itself refuses this one, such as an e-mail twice
    assert not missed, "\n".join(missed)
    assert made >= 0.9 * MANY
    assert sentences() == []


def test_what_no_fact_tells_can_be_forged() -> None:
    """Nobody could tell: the owners change it themselves, and the security log, which is elsewhere, has that."""
    forged = {"password": make_password("x"), "email_confirmed_at": timezone.now(), "new_email": "eve@example.org"}
    change(customers()[0], **forged)
    assert sentences() == []
