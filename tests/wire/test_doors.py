"""Guessing at every door of the served site, with two processes: they count together, and the owner comes in."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest

from accounts.users.attempts import AttemptCount
from tests.factories import PASSWORD, CustomerFactory, StaffFactory
from tests.wire.serving import served

pytestmark = pytest.mark.django_db(transaction=True)

ADA, SAM = "ada@example.org", "sam@example.org"
GUESSES, ALLOWED, FROM_ANYWHERE = 40, 10, 15


@dataclass
class Browser:
    """Somebody at a network address, with cookies."""

    port: int
    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: str = "", content_type: str = "") -> tuple[int, str, str]:
        """The status of the answer, its Retry-After, and its body."""
        connection = HTTPConnection("127.0.0.1", self.port)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Host": "localhost", "Cookie": cookie, "X-Forwarded-For": self.address, "Content-Type": content_type}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        connection.close()
        return answer.status, answer.headers.get("Retry-After", ""), text

    def by_form(self, path: str, email: str, password: str) -> tuple[int, str, str]:
        if "csrftoken" not in self.cookies:
            self.send("GET", path)
        fields = {"username": email, "password": password, "csrfmiddlewaretoken": self.cookies["csrftoken"]}
        return self.send("POST", path, urlencode(fields), "application/x-www-form-urlencoded")

    def at_the_page(self, password: str) -> tuple[int, str, str]:
        return self.by_form("/sign-in", ADA, password)

    def at_the_admin(self, password: str) -> tuple[int, str, str]:
        return self.by_form("/admin/login/", SAM, password)

    def at_the_api(self, password: str) -> tuple[int, str, str]:
        return self.send("POST", "/api/v1/token", json.dumps({"email": ADA, "password": password}), "application/json")


Door = Callable[[Browser, str], tuple[int, str, str]]


@pytest.fixture
def port(program_environment: dict[str, str]) -> Iterator[int]:
    """The port of a server with two processes, behind a proxy. Its windows are days, so that none ends meanwhile."""
    rates = {
        "THROTTLE_SIGN_IN": f"{ALLOWED}/day",
        "THROTTLE_SIGN_IN_ADDRESS": "300/day",
        "THROTTLE_SIGN_IN_ACCOUNT": f"{FROM_ANYWHERE}/day",
    }
    environment = {
        **program_environment,
        **rates,
        "TRUSTED_PROXIES": "1",
        "DJANGO_SETTINGS_MODULE": "tests.wire.quick_settings",
    }
    with served(environment, workers=2) as (server, _):
        yield server.port


def test_forty_wrong_passwords_at_every_door(port: int) -> None:
    """One server for all of these: it takes seconds to start."""
    CustomerFactory.create(email=ADA)
    StaffFactory.create(email=SAM)
    guessing_is_slow_and_the_owner_comes_in(port, "page", Browser.at_the_page, wrong=200, right=302)
    guessing_is_slow_and_the_owner_comes_in(port, "admin", Browser.at_the_admin, wrong=200, right=302)
    guessing_is_slow_and_the_owner_comes_in(port, "api", Browser.at_the_api, wrong=401, right=200)
    many_addresses_do_not_lock_out_the_owner(port)


def guessing_is_slow_and_the_owner_comes_in(port: int, name: str, door: Door, *, wrong: int, right: int) -> None:
    AttemptCount.objects.all().delete()
    owner = Browser(port, "198.51.100.8")
    assert door(owner, PASSWORD)[0] == right
    owner.cookies.pop("sessionid", None)
    guesser = Browser(port, "203.0.113.5")
    answers = [door(guesser, "wrong") for _ in range(GUESSES)]
    assert Counter(status for status, _, _ in answers) == {wrong: ALLOWED, 429: GUESSES - ALLOWED}, name
    assert all("There were too many attempts." in text and int(wait) for status, wait, text in answers if status == 429)
    assert door(guesser, PASSWORD)[0] == 429
    assert door(owner, PASSWORD)[0] == right, "at once, where the owner has been before"
    owner.cookies.pop("sessionid", None)
    assert door(Browser(port, "198.51.100.9"), PASSWORD)[0] == right, "at once, from elsewhere"
    AttemptCount.objects.all().delete()  # as when the window ends
    assert door(guesser, PASSWORD)[0] == right, "later, from the same address"


def many_addresses_do_not_lock_out_the_owner(port: int) -> None:
    AttemptCount.objects.all().delete()
    owner = Browser(port, "198.51.100.20")
    assert owner.at_the_page(PASSWORD)[0] == 302
    owner.cookies.pop("sessionid")
    owner.address = "198.51.100.21"  # a device that travels
    answers = [Browser(port, f"10.1.0.{number}").at_the_api("wrong")[0] for number in range(FROM_ANYWHERE + 5)]
    assert answers == [401] * FROM_ANYWHERE + [429] * 5
    assert Browser(port, "198.51.100.30").at_the_page(PASSWORD)[0] == 429
    assert owner.at_the_page(PASSWORD)[0] == 302
