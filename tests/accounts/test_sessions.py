"""Sessions: each has its user and its device, is seen and ended, and is stored under the hash of its key."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.users.models import User
from accounts.users.sessions import Session, live_sessions, row_key_of
from tests.factories import PASSWORD, CustomerFactory, ErasureFactory

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return CustomerFactory.create(email="ada@example.org")


def sign_in(**headers: str) -> Client:
    client = Client(headers={"User-Agent": FIREFOX, **headers})
    assert client.post("/sign-in", {"username": "ada@example.org", "password": PASSWORD}).status_code == 302
    return client


def key_of(client: Client) -> str:
    return client.cookies["sessionid"].value


def is_in(client: Client) -> bool:
    return client.get("/security").status_code == 200


def test_it_tells_who_and_where(ada: User) -> None:
    before = timezone.now()
    client = sign_in()
    session = Session.objects.get()
    assert (session.user, session.browser, session.system) == (ada, "Firefox", "Linux")
    assert abs(session.began_at - before) < timedelta(minutes=1)
    assert session.pk == row_key_of(key_of(client))
    assert is_in(client)


def test_its_key_is_nowhere_in_the_database(ada: User) -> None:
    key = key_of(sign_in())
    assert key not in str(list(Session.objects.values_list()))


def test_what_is_stored_opens_nothing(ada: User) -> None:
    sign_in()
    thief = Client()
    thief.cookies["sessionid"] = Session.objects.get().pk
    assert not is_in(thief)
    thief.cookies["sessionid"] = Session.objects.get().pk[:32]
    assert not is_in(thief)


def test_where_it_began_outlives_what_is_saved_in_it(ada: User) -> None:
    client = sign_in()
    Session.objects.update(seen_at=timezone.now() - timedelta(days=1))
    began_at = Session.objects.get().began_at
    session = client.session
    session["something"] = "else"
    session.save()
    stored = Session.objects.get()
    assert (stored.browser, stored.began_at, stored.user) == ("Firefox", began_at, ada)


def test_when_it_was_seen_is_noted_to_the_minute(ada: User) -> None:
    client = sign_in()
    first = Session.objects.get().seen_at
    assert is_in(client)
    assert Session.objects.get().seen_at == first
    Session.objects.update(seen_at=timezone.now() - timedelta(seconds=61))
    assert is_in(client)
    assert Session.objects.get().seen_at >= first


def test_signing_out_ends_it(ada: User) -> None:
    client = sign_in()
    client.post("/sign-out")
    assert not Session.objects.filter(user=ada).exists()


def test_signing_in_clears_away_what_has_ended(ada: User) -> None:
    sign_in()
    Session.objects.update(expire_date=timezone.now())
    sign_in()
    ada.set_password(PASSWORD)
    ada.save()
    assert Session.objects.count() == 1
    sign_in()
    assert list(Session.objects.all()) == list(live_sessions(User.objects.get(pk=ada.pk)))
    assert Session.objects.count() == 1


def test_so_does_djangos_command(ada: User) -> None:
    sign_in()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    call_command("clearsessions")
    assert not Session.objects.exists()


def test_a_session_of_nobody_works(client: Client, db: None) -> None:
    session = client.session
    session["something"] = 1
    session.save()
    assert Session.objects.get().user is None
    assert client.session["something"] == 1


def test_a_new_secret_key_ends_nothing_while_the_old_one_is_a_fallback(ada: User, settings: LazySettings) -> None:
    client = sign_in()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another one"
    assert is_in(client)
    settings.SECRET_KEY_FALLBACKS = []
    assert is_in(client)


def test_nothing_of_it_is_left_of_who_is_erased(ada: User) -> None:
    sign_in()
    ErasureFactory.create(customer=ada)
    assert not Session.objects.exists()
