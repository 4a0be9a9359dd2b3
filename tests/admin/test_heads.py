"""Heads of the trees in the admin: the list, and each as it was signed."""

import pytest
from django.test import Client

from eventstore.integrity.sealer import seal
from eventstore.models import TreeHead
from tests.admin.conftest import World
from tests.admin.pages import links_of, read

HEADS = "eventstore/treehead/"


@pytest.fixture
def head(world: World) -> TreeHead:
    return seal()[0]


def test_shows_the_note_as_it_was_signed(staff: Client, head: TreeHead) -> None:
    page = f"{HEADS}{head.pk}/change/"
    assert f"{head.note}</pre>" in staff.get(f"/admin/{page}").content.decode().replace("&#x2B;", "+")
    text = read(staff, page)
    assert f"Root {bytes(head.root).hex()}" in text
    assert "Time stamp –" in text


def test_leads_to_the_last_row_that_it_covers(staff: Client, head: TreeHead) -> None:
    assert f"/admin/eventstore/event/{head.position}/change/" in links_of(staff, f"{HEADS}{head.pk}/change/")


def test_the_list_tells_what_was_sealed_and_by_whom(staff: Client, head: TreeHead) -> None:
    text = read(staff, HEADS)
    assert "localhost" in text
    assert f"{head.signed_at:%Y-%m-%d %H:%M:%S} UTC" in text


@pytest.mark.parametrize("key", ["999999", "abc", "9" * 40])
def test_an_unknown_one_is_not_found(staff: Client, head: TreeHead, key: str) -> None:
    assert staff.get(f"/admin/{HEADS}{key}/change/").status_code == 404


def test_nothing_can_be_changed(staff: Client, head: TreeHead) -> None:
    assert staff.post(f"/admin/{HEADS}{head.pk}/change/").status_code == 403
    assert staff.post(f"/admin/{HEADS}{head.pk}/delete/").status_code == 403
