"""Old data is brought to the present shape when it is read."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from eventstore.errors import MessageError
from eventstore.messages import event, type_of, upcasters
from eventstore.messages.upcasters import decode, upcaster
from eventstore.testing import upcast

PARCEL = uuid4()


@event("parcel.sent", version=3)
class ParcelSent:
    parcel_id: UUID
    grams: int
    fragile: bool


@pytest.fixture(autouse=True)
def no_upcasters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upcasters, "_upcasters", {})

    @upcaster("parcel.sent", since=1)
    def weigh_in_grams(data: dict[str, Any]) -> dict[str, Any]:
        return {"parcel_id": data["parcel_id"], "grams": data["kilos"] * 1000}

    @upcaster("parcel.sent", since=2)
    def nothing_was_fragile(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "fragile": False}


def test_data_passes_through_every_version_up_to_the_present() -> None:
    first = f'{{"parcel_id": "{PARCEL}", "kilos": 2}}'
    second = f'{{"parcel_id": "{PARCEL}", "grams": 2000}}'
    assert decode(type_of(ParcelSent), 1, first) == ParcelSent(PARCEL, 2000, fragile=False)
    assert decode(type_of(ParcelSent), 2, second) == ParcelSent(PARCEL, 2000, fragile=False)


def test_present_data_is_read_as_it_is() -> None:
    data = f'{{"parcel_id": "{PARCEL}", "grams": 5, "fragile": true}}'
    assert decode(type_of(ParcelSent), 3, data) == ParcelSent(PARCEL, 5, fragile=True)


def test_a_missing_upcaster_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upcasters, "_upcasters", {})
    assert upcasters.missing(type_of(ParcelSent)) == [1, 2]
    with pytest.raises(MessageError, match="no upcaster from version 1"):
        decode(type_of(ParcelSent), 1, "{}")


def test_data_that_is_newer_than_the_code_is_not_misread() -> None:
    with pytest.raises(MessageError, match="stored at schema version 4"):
        decode(type_of(ParcelSent), 4, "{}")


def test_an_upcaster_that_fails_is_named() -> None:
    with pytest.raises(MessageError, match=r"upcaster of parcel\.sent from version 1 failed: KeyError\('kilos'\)"):
        decode(type_of(ParcelSent), 1, f'{{"parcel_id": "{PARCEL}"}}')


def test_a_test_says_what_old_data_reads_as_today() -> None:
    assert upcast("parcel.sent", 1, {"parcel_id": PARCEL, "kilos": 2}) == ParcelSent(PARCEL, 2000, fragile=False)


def test_two_upcasters_from_one_version_are_one_too_many() -> None:
    with pytest.raises(MessageError, match="already has"):
        upcaster("parcel.sent", since=1)(dict)


def test_an_upcaster_whose_module_is_loaded_anew_takes_its_own_place() -> None:
    def weigh(data: dict[str, object]) -> dict[str, object]:
        return data

    for _ in range(2):
        upcaster("parcel.sent", since=7)(weigh)
