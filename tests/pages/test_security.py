"""The page "Security": one sees where one is signed in and which tokens there are, and ends them."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.users.models import User
from accounts.users.sessions import Session, row_key_of
from accounts.users.tokens import ApiToken, caller_of, make_token
from tests.factories import CustomerFactory, StaffFactory
from tests.pages.browser import text_of

PAGE = "/security"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


@pytest.fixture
def elsewhere(ada: User) -> Client:
    """Another browser of Ada's."""
    other = Client(headers={"User-Agent": CHROME})
    other.force_login(User.objects.get(pk=ada.pk))
    Session.objects.filter(pk=row_of(other)).update(browser="Chrome", system="Windows")
    return other


def row_of(client: Client) -> str:
    """The primary key of a browser's session."""
    return row_key_of(client.cookies["sessionid"].value)


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def test_customers_come_by_their_profile(client: Client, ada: User) -> None:
    assert f'href="{PAGE}"' in text_of(client.get("/profile"))


def test_staff_see_it_in_their_frame(client: Client, db: None) -> None:
    client.force_login(StaffFactory.create(role="auditor"))
    assert f'href="{PAGE}"' in text_of(client.get("/admin/"))
    text = text_of(client.get(PAGE))
    assert "Tidemark for staff" in text
    assert "This browser" in text


def test_no_browser_keeps_it(client: Client, ada: User) -> None:
    assert "no-store" in client.get(PAGE)["Cache-Control"]


class TestSessions:
    """Where one is signed in."""

    def test_one_sees_them_and_which_is_this_one(self, client: Client, ada: User, elsewhere: Client) -> None:
        text = text_of(client.get(PAGE))
        assert "Chrome, Windows" in text
        assert "An unknown browser" in text
        assert text.count("This browser") == 1

    def test_one_is_ended(self, client: Client, ada: User, elsewhere: Client) -> None:
        answer = client.post(f"{PAGE}/sessions/end", {"session": row_of(elsewhere)}, follow=True)
        assert "That session has ended." in text_of(answer)
        assert not is_in(elsewhere)
        assert is_in(client)

    @pytest.mark.parametrize("session", ["", "x", "0" * 5_000, "\0"])
    def test_what_is_no_session_ends_nothing(self, client: Client, ada: User, elsewhere: Client, session: str) -> None:
        assert client.post(f"{PAGE}/sessions/end", {"session": session}).status_code == 302
        assert is_in(elsewhere)

    def test_anothers_lives_on(self, client: Client, ada: User) -> None:
        other = Client()
        other.force_login(CustomerFactory.create())
        client.post(f"{PAGE}/sessions/end", {"session": row_of(other)})
        assert is_in(other)

    def test_the_key_of_a_session_is_not_on_the_page(self, client: Client, ada: User, elsewhere: Client) -> None:
        assert elsewhere.cookies["sessionid"].value not in text_of(client.get(PAGE))

    def test_signing_out_everywhere_leaves_this_one(self, client: Client, ada: User, elsewhere: Client) -> None:
        _, token = make_token(User.objects.get(pk=ada.pk))
        before = client.cookies["sessionid"].value
        answer = client.post(f"{PAGE}/sign-out-everywhere", follow=True)
        assert "You are signed out everywhere else, and all tokens have ended." in text_of(answer)
        assert not is_in(elsewhere)
        assert caller_of(token) is None
        assert is_in(client)
        assert client.cookies["sessionid"].value != before, "who knew the key of this one is out, too"

    def test_a_link_to_it_does_nothing(self, client: Client, ada: User, elsewhere: Client) -> None:
        assert client.get(f"{PAGE}/sign-out-everywhere")["Location"] == PAGE
        assert is_in(elsewhere)


class TestTokens:
    """Tokens of programs."""

    def test_one_is_made_and_shown_once(self, client: Client, ada: User) -> None:
        shown = client.post(f"{PAGE}/tokens", {"name": "Bookkeeping"})
        (token,) = set(re.findall(r"tmk_[A-Za-z0-9_-]{43}", text_of(shown)))
        assert "no-store" in shown["Cache-Control"]
        caller = caller_of(token)
        assert caller
        assert caller[0] == ada
        later = text_of(client.get(PAGE))
        assert token not in later
        assert "Bookkeeping" in later
        assert token not in str([dict(client.session), client.cookies, list(ApiToken.objects.values())])

    @pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\u202eb"])
    def test_it_needs_a_name(self, client: Client, ada: User, name: str) -> None:
        page = client.post(f"{PAGE}/tokens", {"name": name})
        assert page.context["form"].errors["name"]
        assert not ApiToken.objects.exists()

    def test_one_sees_when_it_was_used_and_when_it_ends(self, client: Client, ada: User) -> None:
        make_token(ada, "<b>Bookkeeping</b>")
        text = text_of(client.get(PAGE))
        assert "&lt;b&gt;Bookkeeping" in text
        assert "never" in text
        expires = timezone.now() + timedelta(days=30)
        assert f'<time datetime="{expires:%Y-%m-%dT%H}' in text

    def test_one_is_ended(self, client: Client, ada: User) -> None:
        made, token = make_token(User.objects.get(pk=ada.pk))
        answer = client.post(f"{PAGE}/tokens/end", {"token_id": str(made.token_id)}, follow=True)
        assert "That token has ended." in text_of(answer)
        assert caller_of(token) is None

    @pytest.mark.parametrize("token_id", ["", "x", "\0"])
    def test_what_is_no_token_ends_nothing(self, client: Client, ada: User, token_id: str) -> None:
        make_token(ada)
        assert client.post(f"{PAGE}/tokens/end", {"token_id": token_id}).status_code == 302
        assert ApiToken.objects.exists()

    def test_anothers_lives_on(self, client: Client, ada: User) -> None:
        made, token = make_token(CustomerFactory.create())
        client.post(f"{PAGE}/tokens/end", {"token_id": str(made.token_id)})
        assert caller_of(token)
