"""Every answer carries the headers that keep browsers and caches in check: pages, files, redirects and errors alike."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.http import http_date
from pytest_django.fixtures import Settings

from accounts.services.staff import SUPERUSER
from accounts.users.models import User
from config.response_headers import HEADERS, ResponseHeadersMiddleware
from projections import queries
from projections.models import Account
from tests.config.test_content_security import POLICY, directives
from tests.factories import AccountFactory, StaffFactory, owner_of

pytestmark = pytest.mark.django_db

STATIC = "/static/css/site.css"
FOREVER = http_date(4_000_000_000)


@pytest.fixture
def account() -> Account:
    return AccountFactory.create(balance=10_000)


@pytest.fixture
def browser(account: Account, settings: Settings) -> Client:
    """The owner's, on a site that serves its own static files, over HTTPS."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
    client = Client(raise_request_exception=False)
    client.force_login(owner_of(account.account_id))
    return client


def secure(client: Client, path: str, *, method: str = "get", **headers: str) -> Any:
    """The answer over HTTPS, with its `body`, also where it came in parts."""
    answer: Any = client.generic(method.upper(), path, secure=True, headers=headers)
    answer.body = b"".join(answer)
    return answer


PUBLIC = ["/api/docs/", "/api/schema/", STATIC, "/static/js/site.js", "/static/img/logo.svg"]
ANSWERS = {
    200: ["/", "/accounts", "/profile", "/sign-out", "/transfer", "/livez", "/api/v1/me", "/api/v1/accounts", *PUBLIC],
    302: ["/sign-in", "/sign-up", "/i18n/setlang/"],
    403: ["/api/v1/audit", "/admin/login/"],
    404: ["/no-such-page", "/api/v1/no-such-page", "/accounts/1", "/static/no-such-file.css", "/api/v1/accounts/1"],
    400: ["/accounts?position=x", "/api/v1/accounts?limit=x"],
}
FORMS = {"/transfer", "/sign-up"}
PAIRS = [(status, path) for status, paths in ANSWERS.items() for path in paths]


def assert_guarded(answer: Any) -> None:
    """The headers that each answer has."""
    assert directives(answer["Content-Security-Policy"]) >= POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "max-age=31536000" in answer["Strict-Transport-Security"]
    assert {name: answer[name] for name, _ in HEADERS[1:]} == dict(HEADERS[1:])
    assert "Access-Control-Allow-Origin" not in answer
    kind = answer.get("Content-Type", "")
    assert kind
    assert not kind.startswith(("text/", "image/svg+xml")) or "charset=" in kind


def assert_kept_by_nobody(answer: Any) -> None:
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(("status", "path"), PAIRS)
def test_each_answer_is_guarded(browser: Client, status: int, path: str) -> None:
    answer = secure(browser, path)
    assert answer.status_code == status
    assert_guarded(answer)
    if status != 200 or not path.startswith("/static/"):
        assert ("no-store" in answer["Cache-Control"]) == (path not in FORMS)


@pytest.mark.parametrize("kind", ["entries.csv", "statements/{month}.csv", "statements/{month}.pdf"])
def test_files_of_customers_are_guarded_and_are_downloads(browser: Client, account: Account, kind: str) -> None:
    path = kind.format(month=f"{account.opened_at:%Y-%m}")
    for base in ("/accounts", "/api/v1/accounts"):
        if (base, kind) == ("/accounts", "entries.csv"):
            continue
        answer = secure(browser, f"{base}/{account.account_id}/{path}")
        assert answer.status_code == 200
        assert_guarded(answer)
        assert_kept_by_nobody(answer)
        assert answer["Content-Disposition"].startswith('attachment; filename="')


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/user/", "/admin/jsi18n/", "/admin/no-such-page/"])
def test_pages_of_staff_are_guarded(browser: Client, path: str) -> None:
    browser.force_login(StaffFactory.create(role=SUPERUSER))
    answer = secure(browser, path)
    assert_guarded(answer)
    assert_kept_by_nobody(answer)


def test_a_file_that_the_browser_has_already_is_guarded(browser: Client) -> None:
    answer = secure(browser, STATIC, **{"If-Modified-Since": FOREVER})
    assert answer.status_code == 304
    assert {name for name, _ in HEADERS} | {"Content-Security-Policy"} <= set(answer.headers)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" not in answer["Cache-Control"]


def test_the_way_to_https_is_guarded(browser: Client) -> None:
    answer = browser.get("/sign-in")
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/sign-in")
    assert {name for name, _ in HEADERS} | {"Content-Security-Policy"} <= set(answer.headers)


@pytest.mark.parametrize("path", ["/accounts", "/api/v1/me"])
@pytest.mark.parametrize(("error", "status"), [(OperationalError("disk I/O error"), 503), (RuntimeError(), 500)])
def test_errors_are_guarded(
    browser: Client, monkeypatch: pytest.MonkeyPatch, path: str, error: Exception, status: int
) -> None:
    monkeypatch.setattr(queries, "customer", failing(error))
    answer = secure(browser, path)
    assert answer.status_code == status
    assert_guarded(answer)
    assert_kept_by_nobody(answer)


def test_an_error_outside_of_all_views_is_guarded(
    browser: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(f"{settings.SESSION_ENGINE}.SessionStore.load", failing(RuntimeError()))
    answer = secure(browser, "/profile")
    assert answer.status_code == 500
    assert_guarded(answer)
    assert_kept_by_nobody(answer)


def failing(error: Exception) -> Callable[..., None]:
    def fail(*_args: object, **_options: object) -> None:
        raise error

    return fail


def test_a_form_is_kept_by_its_browser_alone_so_that_back_finds_it(browser: Client, account: Account) -> None:
    for path in ("/transfer", f"/accounts/{account.account_id}/deposit", f"/accounts/{account.account_id}/rename"):
        assert secure(browser, path)["Cache-Control"] == "private, no-cache"
    assert_kept_by_nobody(secure(browser, "/profile"))


@pytest.mark.parametrize("path", ["/sign-out", "/admin/logout/"])
def test_signing_out_empties_the_browsers_cache(browser: Client, path: str) -> None:
    browser.force_login(StaffFactory.create(role=SUPERUSER))
    assert "Clear-Site-Data" not in secure(browser, "/")
    assert secure(browser, path, method="post")["Clear-Site-Data"] == '"cache"'


def test_so_does_a_session_that_was_ended_elsewhere(browser: Client, account: Account) -> None:
    User.objects.filter(customer_id=account.customer_id).update(password="changed")
    assert secure(browser, "/")["Clear-Site-Data"] == '"cache"'


@pytest.mark.parametrize("path", ["/", "/admin/", "/sign-in", "/livez", "/api/schema/", "/api/v1/me", STATIC])
@pytest.mark.parametrize("method", ["trace", "propfind"])
def test_nothing_answers_trace(browser: Client, path: str, method: str) -> None:
    for user in (None, StaffFactory.create(role=SUPERUSER)):
        if user:
            browser.force_login(user)
        answer = secure(browser, path, method=method, cookie_like="secret")
        assert answer.status_code in {302, 401, 405}
        assert (answer.status_code, path) != (302, "/")
        assert "secret" not in answer.body.decode()


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/token", "/api/v1/no-such-page"])
def test_the_api_refuses_plain_http_where_pages_lead_to_https(browser: Client, path: str) -> None:
    for method in ("get", "post"):
        answer = getattr(browser, method)(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert secure(browser, "/api/v1/me").status_code == 200
    assert browser.get("/api/docs/").status_code == 301


def test_a_view_may_say_otherwise(rf: RequestFactory) -> None:
    answer = ResponseHeadersMiddleware(lambda _: HttpResponse(headers={"Cache-Control": "max-age=9"}))(rf.get("/"))
    assert answer.headers["Cache-Control"] == "max-age=9"
