"""Time zones: a recorded list of names, and rules from the pinned package, alike on all machines."""

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.domain import zone_names
from accounts.domain.text import clean_timezone
from accounts.domain.zone_names import LINKS, ZONES
from accounts.domain.zones import is_known, zone_name, zone_of
from accounts.management.commands import record_zones
from accounts.services.registration import registration_request
from eventstore.decider import Refused
from projections.models import Customer
from tests.accounts.test_open_account import OPEN
from tests.api.caller import Caller
from tests.factories import CustomerFactory
from tests.zones import drop

NO_ZONES = [
    *("localtime", "Factory", "posixrules", "posix/Europe/Berlin", "right/Europe/Berlin", "leapseconds", "tzdata.zi"),
    *(
        "zone.tab",
        "iso3166.tab",
        "Europe",
        "Europe/",
        "/usr/share/zoneinfo/UTC",
        "../UTC",
        "europe/berlin",
        "SystemV/EST5",
    ),
    *("", " ", "UTC\n", "UTC\0", "Etc/Unknown", "CEST", "UTC+1", "+01:00", "é", "A" * 10_000),
]


@pytest.mark.parametrize("name", NO_ZONES)
def test_what_is_no_listed_name_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        clean_timezone(name)
    assert refused.value.refusal.code == "MALFORMED"


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("US/Eastern", "America/New_York"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("PRC", "Asia/Shanghai"),
        ("Etc/UTC", "UTC"),
        ("Zulu", "UTC"),
        ("GMT", "Etc/GMT"),
    ],
)
def test_an_older_name_leads_to_the_listed_one(link: str, name: str) -> None:
    assert clean_timezone(link) == zone_name(link) == zone_of(link).key == name
    assert is_known(link)


@pytest.mark.parametrize("name", ["UTC", "Europe/Oslo", "Asia/Tokyo", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_each_countrys_own_names_are_listed(name: str) -> None:
    assert clean_timezone(name) == zone_of(name).key == name


def test_the_list_is_what_the_pinned_package_holds(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("record_zones", "--check")
    assert "right" in capsys.readouterr().out


def test_a_list_that_is_out_of_date_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy = tmp_path / "zone_names.py"
    copy.write_text("ZONES = ()")
    monkeypatch.setattr(zone_names, "__file__", str(copy))
    with pytest.raises(SystemExit) as ended:
        call_command("record_zones", "--check")
    assert ended.value.code == 3
    assert copy.read_text() == "ZONES = ()"
    call_command("record_zones", "--json")
    assert copy.read_text() == record_zones.python_source()


def test_all_of_them_can_be_loaded() -> None:
    assert all(is_known(name) for name in (*ZONES, *LINKS))
    assert set(LINKS.values()) <= ZONES
    assert not ZONES & LINKS.keys()


@pytest.fixture
def another_machine(tmp_path: Path) -> Iterator[None]:
    """A machine whose own files say that Berlin and UTC are 14 hours ahead, and that have a zone `localtime`."""
    source = Path(zoneinfo.__file__)
    assert source.exists()
    for name in ("Europe/Berlin", "UTC", "localtime"):
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(_rules("Pacific/Kiritimati"))
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath(to=before)
    zoneinfo.ZoneInfo.clear_cache()


def _rules(name: str) -> bytes:
    from importlib.resources import files

    return files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


def test_the_machines_own_files_have_no_say(another_machine: None) -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert noon.astimezone(zone_of("Europe/Berlin")).utcoffset() == timedelta(hours=2)
    assert noon.astimezone(zone_of("localtime")).utcoffset() == timedelta(0)
    with pytest.raises(Refused):
        clean_timezone("localtime")


def test_a_zone_that_can_not_be_loaded_any_more_counts_as_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    drop(monkeypatch, "Europe/Berlin")
    assert not is_known("Europe/Berlin")
    assert zone_name("Europe/Berlin") == "UTC"
    assert is_known("Europe/Paris")


@pytest.mark.parametrize("moment", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "America/Adak", "Pacific/Pago_Pago", "UTC"])
def test_the_ends_of_the_calendar_have_a_local_time_everywhere(name: str, moment: datetime) -> None:
    assert abs(moment.astimezone(zone_of(name)).replace(tzinfo=None) - moment.replace(tzinfo=None)) < timedelta(days=1)


def test_the_pages_offer_the_list_and_take_a_browsers_older_name(db: None, client: Client) -> None:
    page = client.get("/sign-up")
    text = page.content.decode()
    for name in ("localtime", "Factory", "Asia/Calcutta"):
        assert f'value="{name}"' not in text
    assert 'value="Europe/Oslo"' in text
    option = next(line for line in text.splitlines() if 'value="Asia/Kolkata"' in line)
    assert 'data-links="Asia/Calcutta"' in option
    fields = {name: field.value() for name, field in ((one.name, one) for one in page.context["form"])}
    given = {
        "name": "Ada",
        "email": "ada@example.org",
        "password": "correct horse battery",
        "timezone": "Asia/Calcutta",
    }
    assert client.post("/sign-up", {**fields, **given}).status_code == 302
    assert Customer.objects.get().timezone == "Asia/Kolkata"


def test_so_does_the_api(db: None) -> None:
    ada = CustomerFactory.create()
    caller = Caller.of(ada)
    assert (
        caller.patch(f"customers/{ada.customer_id}", {"timezone": "US/Eastern"}).body["timezone"] == "America/New_York"
    )
    assert caller.post("accounts", {"currency": "EUR", "timezone": "PRC"}).body["timezone"] == "Asia/Shanghai"
    for name in ("localtime", "Factory"):
        answer = caller.post("accounts", {"currency": "EUR", "timezone": name})
        assert answer.refusal == (400, "MALFORMED", "timezone")


def test_so_does_the_command_line() -> None:
    request = registration_request("1", name="Ada", email="a@b.org", password="correct horse battery", timezone="Zulu")
    assert request.command.timezone == "UTC"
    assert OPEN.timezone in ZONES
