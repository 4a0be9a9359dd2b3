"""After a restore to an earlier time, sign-ins are made what the log says; how `verify` finds them is in `torture`."""

import pytest
from django.db.models import QuerySet

from accounts.services.customers_check import customers_as_recorded, put_right
from accounts.services.ids import new_id
from accounts.users.models import User
from tests.factories import CustomerFactory, StaffFactory

pytestmark = pytest.mark.django_db


def test_a_sign_in_gets_the_email_of_the_log_and_all_access_ends() -> None:
    ada = CustomerFactory.create(email="ada@example.org")
    QuerySet(User).filter(pk=ada.pk).update(email="later@example.org", is_active=False)
    put_right(ada.pk)
    now = User.objects.get(pk=ada.pk)
    assert (now.email, now.is_active) == ("ada@example.org", True)
    assert now.access_version > ada.access_version
    assert list(customers_as_recorded()) == []


def test_a_sign_in_of_a_customer_who_is_not_there_is_deleted() -> None:
    later = User.objects.create_customer("later@example.org", "!", new_id())
    (found,) = customers_as_recorded()
    assert found == (f"user {later.pk}", "They sign in as a customer whom the log does not know.")
    put_right(later.pk)
    assert not User.objects.filter(pk=later.pk).exists()


def test_members_of_staff_are_none_of_its_business() -> None:
    with pytest.raises(User.DoesNotExist):
        put_right(StaffFactory.create().pk)
