"""Lists by key: every row once, in both directions, at the same price wherever one is."""

from uuid import UUID

import pytest
from django.test import Client

from eventstore import log
from eventstore.admin.readonly import ReadOnlyAdmin
from eventstore.http.paging import Cut
from eventstore.models import Event
from tests.admin.conftest import World
from tests.admin.pages import keys_on, links_of, statements
from tests.eventstore.sample import Counted

EVENTS = "eventstore/event/"
LISTS = [
    *("eventstore/event/", "eventstore/command/", "eventstore/stream/", "accounts/user/"),
    *("projections/customer/", "projections/account/", "projections/entry/"),
    *("projections/journalleg/", "projections/auditline/", "projections/hold/", "projections/approval/"),
    *("projections/dailybalance/", "projections/volume/"),
]
TALLY = UUID(int=7)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReadOnlyAdmin, "list_per_page", 3)


@pytest.fixture
def seven(db: None, small_pages: None) -> list[int]:
    """The positions of seven events, the last first."""
    counted = [Counted(TALLY, 1, total) for total in range(7)]
    return [record.position for record in log.append("tally", TALLY, counted, actor="test")][::-1]


def test_down_and_up_again(staff: Client, seven: list[int]) -> None:
    assert keys_on(staff, EVENTS) == seven[:3]
    assert keys_on(staff, EVENTS, after=seven[2]) == seven[3:6]
    assert keys_on(staff, EVENTS, after=seven[5]) == seven[6:]
    assert keys_on(staff, EVENTS, before=seven[6]) == seven[3:6]
    assert keys_on(staff, EVENTS, before=seven[3]) == seven[:3]


def test_near_the_top_the_first_page_is_full(staff: Client, seven: list[int]) -> None:
    assert keys_on(staff, EVENTS, before=seven[1]) == seven[:3]


def test_links_lead_to_the_neighbours(staff: Client, seven: list[int]) -> None:
    first, middle = links_of(staff, EVENTS), links_of(staff, EVENTS, after=seven[2])
    last = links_of(staff, EVENTS, after=seven[5])
    assert {f"?after={seven[2]}"} == {link for link in first if "after=" in link or "before=" in link}
    assert {f"?after={seven[5]}", f"?before={seven[3]}"} <= middle
    assert {f"?before={seven[6]}"} == {link for link in last if "after=" in link or "before=" in link}


def test_beyond_the_end_there_is_a_way_back(staff: Client, seven: list[int]) -> None:
    assert keys_on(staff, EVENTS, after=0) == []
    assert "?before=0" in links_of(staff, EVENTS, after=0)


def test_a_filter_begins_at_the_top_and_pages_keep_the_filter(staff: Client, seven: list[int]) -> None:
    links = links_of(staff, EVENTS, type="tally.counted", after=seven[2])
    assert "?type=tally.counted" not in {link for link in links if "after=" in link}
    assert f"?after={seven[5]}&type=tally.counted" in links
    assert "?category=tally&type=tally.counted" in links


def test_what_happens_meanwhile_shifts_nothing(staff: Client, seven: list[int]) -> None:
    keys_on(staff, EVENTS)
    log.append("tally", TALLY, [Counted(TALLY, 1, 9)], actor="test")
    assert keys_on(staff, EVENTS, after=seven[2]) == seven[3:6]


@pytest.mark.parametrize("path", LISTS)
def test_a_page_takes_one_query_for_its_rows_and_few_for_all_names(
    staff: Client, world: World, small_pages: None, path: str
) -> None:
    first = staff.get(f"/admin/{path}").context["cl"].older
    for address in {path, path + (first or ""), f"{path}?_facets=True", f"{path}?all=&p=2"}:
        with statements() as found:
            staff.get(f"/admin/{address}")
        names = [sql for sql in found if " IN (" in sql]
        assert len(found) - len(names) <= 1, (
            found
        )  # sign-ins are in the table that signing in reads: none is left there
        assert len(names) <= 4, "accounts and customers, of streams and of actors"
        assert not [sql for sql in found if "COUNT(" in sql or "OFFSET" in sql]


def test_branches_are_merged_in_order(db: None, seven: list[int]) -> None:
    odd, even = (Event.objects.filter(version__in=versions) for versions in [(1, 3, 5, 7), (2, 4, 6)])
    top = Cut("position", 3).page(odd, even)
    assert [row.position for row in top.rows] == seven[:3]
    assert [row.position for row in Cut("position", 3, after=top.next).page(odd, even).rows] == seven[3:6]
    assert [row.position for row in Cut("position", 3, before=seven[6]).page(odd, even).rows] == seven[3:6]


@pytest.mark.parametrize("query", [{"after": "soon"}, {"before": "1; DROP"}, {"after": ""}])
def test_a_key_that_is_none_leads_to_the_top(staff: Client, world: World, query: dict[str, str]) -> None:
    assert staff.get(f"/admin/{EVENTS}", query).headers["Location"] == "/admin/eventstore/event/?e=1"


@pytest.mark.parametrize("key", [10**30, -(10**30)])
def test_a_key_beyond_all_rows_is_no_error(staff: Client, world: World, key: int) -> None:
    assert staff.get(f"/admin/{EVENTS}", {"after": key}).status_code == 200


@pytest.mark.parametrize("lookup", ["data__icontains", "metadata__actor", "slot", "version__gt", "recorded_at__gte"])
def test_a_filter_without_an_index_is_refused(staff: Client, world: World, lookup: str) -> None:
    assert staff.get(f"/admin/{EVENTS}", {lookup: "1"}).status_code == 400
