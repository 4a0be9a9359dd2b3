"""The search for customers, by a part of a name or the beginning of a word of an e-mail, reads no whole table."""

from uuid import UUID

import pytest
from django.db import connection

from accounts.services.registration import update_details
from projections import queries
from projections.models import Customer, CustomerPart
from projections.search import email_ends, name_ends
from tests.emails import change_email, release_email
from tests.factories import CustomerFactory, ErasureFactory
from tests.tampering import plant_rows

pytestmark = pytest.mark.django_db


def names(text: str) -> list[str | None]:
    return [row.name for row in queries.customers(text, limit=10).rows]


@pytest.mark.parametrize("stored", ["Mehmet ÖZIL", "Mehmet O\u0308ZIL", "mehmet özil"])
@pytest.mark.parametrize("text", ["özil", "ÖZIL", "o\u0308zil", "zil", "MEHMET  özil", "t ö", "ｚｉｌ"])
def test_case_width_and_composition_do_not_count(stored: str, text: str) -> None:
    name = CustomerFactory.create(name=stored).email
    assert [row.email for row in queries.customers(text, limit=10).rows] == [name]


@pytest.mark.parametrize("text", ["王", "小明", "王小明", "明"])
def test_a_name_without_spaces_is_found_by_each_part(text: str) -> None:
    CustomerFactory.create(name="王小明")
    assert names(text) == ["王小明"]


@pytest.mark.parametrize("text", ["İstanbul", "istanbul", "STRASSE", "straße", "ΟΔΟΣ", "οδος"])
def test_letters_that_fold_into_several_are_found(text: str) -> None:
    for name in ("İstanbul", "Straße", "Οδος"):
        CustomerFactory.create(name=name)
    assert len(names(text)) == 1


@pytest.mark.parametrize("text", ["ada.", "love", "example.org", "org", "ada.love@fuß.", "@FUß.EXAMPLE", "@fuss"])
def test_an_email_is_found_by_its_words(text: str) -> None:
    CustomerFactory.create(name="A", email="ada.love@fuß.example.org")
    assert names(text) == ([] if text == "@fuss" else ["A"])


@pytest.mark.parametrize("text", ["%", "_", "\\", "zzz", "\u200b\u200b", "\U0010fffd", "adaa", "'; --"])
def test_what_is_nowhere_is_not_found(text: str) -> None:
    CustomerFactory.create(name="Ada Lovelace")
    assert names(text) == []


def test_the_longest_names_and_those_that_grow_are_found() -> None:
    CustomerFactory.create(name="\ufdfa" * 200, email="a" * 60 + "@" + ".".join(["b" * 40] * 4) + ".org")
    assert len(names("b" * 40 + "." + "b" * 40)) == 1


def test_a_change_replaces_what_is_found() -> None:
    ada = CustomerFactory.create(name="Ada Lovelace", email="ada@example.org")
    assert ada.customer_id
    update_details(ada.customer_id, "1", actor=ada.actor, name="Ada K", email="k@example.com")
    change_email(ada)
    assert names("lovelace") == names("example.org") == []
    assert names("ada k") == names("example.com") == ["Ada K"]


def test_an_email_that_was_given_back_is_not_found() -> None:
    ada = CustomerFactory.create(name="Ada Lovelace", email="ada@example.org")
    release_email(ada)
    assert names("example.org") == []
    assert names("lovelace") == ["Ada Lovelace"]


def test_erasing_leaves_no_part() -> None:
    ada = CustomerFactory.create(name="Ada Lovelace")
    assert CustomerPart.objects.exists()
    ErasureFactory.create(customer=ada)
    assert not CustomerPart.objects.exists()


def test_the_places_of_a_name_are_where_its_parts_begin() -> None:
    assert list(name_ends("Al Ba")) == [(0, "al ba"), (1, "l ba"), (3, "ba"), (4, "a")]
    assert [end for _, end in email_ends("a.b@c.org")] == ["a.b@c.org", "b@c.org", "@c.org", "c.org", "org"]


def test_a_search_reads_an_index_and_not_the_table() -> None:
    """With many customers, as the database plans it: no step reads all of them, whatever part is looked for."""
    ids = [UUID(int=number) for number in range(1, 3001)]
    rows = [
        Customer(customer_id=each, name=f"Name {each.int}", registered_at="2026-01-01T00:00Z", version=1, position=1)
        for each in ids
    ]
    plant_rows(rows)
    ends = [(each, place, end) for each in ids for place, end in name_ends(f"Name {each.int}")]
    plant_rows([CustomerPart(key=f"{each.hex}n{place}", customer_id=each, text=end) for each, place, end in ends])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    found = queries.find_customers(Customer.objects.all(), "1234").order_by("-customer_id")[:51]
    plan = found.explain()
    assert "projections_customer_part" in plan
    scans = [line for line in plan.splitlines() if "Seq Scan" in line or line.strip().startswith("SCAN")]
    assert scans == []
    assert [row.name for row in found] == ["Name 1234"]
