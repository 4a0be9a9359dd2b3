"""How long sessions last: counted on the server, whatever cookie the browser keeps."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils import timezone

from accounts.users.models import User
from accounts.users.session_times import SIGNED_IN_AT
from accounts.users.sessions import Session, row_key_of
from tests.factories import PASSWORD, CustomerFactory, StaffFactory
from tests.pages.browser import text_of
from tests.second_factors import age

pytestmark = pytest.mark.django_db

ENDS = "/security/sessions/end"  # the form that stands beside each other session
HOME = {"customer": "/profile", "staff": "/admin/"}


@pytest.fixture(params=HOME)
def kind(request: pytest.FixtureRequest, client: Client) -> str:
    client.force_login(CustomerFactory.create() if request.param == "customer" else StaffFactory.create())
    return str(request.param)


LIMITS = {"customer": {"signed_in": 24 * 60, "seen": 120}, "staff": {"signed_in": 8 * 60, "seen": 60}}


@pytest.mark.parametrize("what", ["signed_in", "seen"])
def test_a_session_ends_after_its_time(client: Client, kind: str, what: str) -> None:
    age(client, **{what: LIMITS[kind][what] - 1})
    assert client.get(HOME[kind]).status_code == 200
    age(client, **{what: LIMITS[kind][what] + 1})
    page = client.get(HOME[kind], follow=True)
    assert SESSION_KEY not in client.session
    assert "we have signed you out after a while" in text_of(page)


def test_so_it_does_for_the_api(client: Client, kind: str) -> None:
    age(client, signed_in=LIMITS[kind]["signed_in"] + 1)
    assert client.get("/api/v1/me").status_code == 401


def test_visits_prolong_it_to_its_end_and_no_further(client: Client, kind: str) -> None:
    for _ in range(3):
        age(client, seen=LIMITS[kind]["seen"] - 1)
        assert client.get(HOME[kind]).status_code == 200
    began = client.session[SIGNED_IN_AT]
    client.get(HOME[kind])
    assert client.session[SIGNED_IN_AT] == began


@pytest.mark.parametrize("what", ["signed_in", "seen"])
def test_one_that_is_over_is_not_listed(client: Client, kind: str, what: str) -> None:
    here, user = Client(), User.objects.get()
    here.force_login(user)
    assert ENDS in here.get("/security").content.decode()
    age(client, **{what: LIMITS[kind][what] + 1})
    began = timezone.now() - timedelta(minutes=LIMITS[kind]["signed_in"] + 1)
    if what == "signed_in":
        Session.objects.filter(pk=row_key_of(client.session.session_key or "")).update(began_at=began)
    assert ENDS not in here.get("/security").content.decode()


def test_a_session_from_before_times_were_kept_ends(client: Client, kind: str) -> None:
    session = client.session
    del session[SIGNED_IN_AT]
    session.save()
    assert client.get(HOME[kind]).status_code == 302


@pytest.mark.parametrize("is_staff", [False, True])
def test_the_browser_forgets_staff_when_it_closes(client: Client, settings: LazySettings, is_staff: bool) -> None:
    user: User = StaffFactory.create() if is_staff else CustomerFactory.create()
    client.post("/sign-in", {"username": user.email, "password": PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == ("" if is_staff else 24 * 60 * 60)
