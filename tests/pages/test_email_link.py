"""The pages that links in mails lead to, and the one where somebody asks for their address back."""

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.users.email_links import Purpose
from accounts.users.mail import OutgoingMail
from accounts.users.models import User
from accounts.web import proofs
from tests.emails import confirm_email, mails_to, path_of_link, release_email
from tests.factories import PASSWORD, NewcomerFactory
from tests.pages.browser import errors_of, follow, path_of, send, text_of

pytestmark = pytest.mark.django_db

ADDRESS = "mira@example.org"
MIRA = {"name": "Mira", "email": ADDRESS, "password": PASSWORD, "timezone": "Europe/Berlin"}


@pytest.fixture
def squatter() -> User:
    """Who registered with Mira's address."""
    return NewcomerFactory.create(name="Squatter", email=ADDRESS, password="another long sentence")


def test_opening_a_link_does_nothing(client: Client, squatter: User) -> None:
    """Programs that scan mails open every link."""
    path = path_of_link(Purpose.OWN, squatter)
    for _ in range(2):
        page = client.get(path)
        assert "Did you sign up with this address?" in text_of(page)
        assert "no-store" in page["Cache-Control"]
    squatter.refresh_from_db()
    assert (squatter.email, squatter.email_confirmed_at) == (ADDRESS, None)


def test_a_button_confirms(client: Client, squatter: User) -> None:
    path = path_of_link(Purpose.OWN, squatter)
    assert "Your address is confirmed" in text_of(follow(client, client.post(path, {"confirm": "1"})))
    squatter.refresh_from_db()
    assert squatter.email_confirmed_at


def test_pressing_it_twice_says_the_same(client: Client, squatter: User) -> None:
    path = path_of_link(Purpose.OWN, squatter)
    for _ in range(2):
        page = client.post(path, {"confirm": "1"})
    assert "Your address is confirmed" in text_of(page)
    assert "Your address is confirmed" in text_of(client.post(path, {"release": "1"}))


def test_the_name_of_the_other_is_not_shown(client: Client, squatter: User) -> None:
    assert "Squatter" not in text_of(client.get(path_of_link(Purpose.OWN, squatter)))


def test_an_owner_gets_the_address_back_and_signs_up_with_it(client: Client, squatter: User) -> None:
    page = send(client, "/sign-up", **MIRA)
    assert errors_of(page) == {"email": ["This e-mail address belongs to somebody already."]}
    assert 'href="/email/take-back"' in text_of(page)
    page = follow(client, client.post("/email/take-back", {"email": "Mira@Example.org "}))
    assert "Look into your mailbox" in text_of(page)
    assert mails_to(ADDRESS) == ["confirm_email", "claim_email"]
    page = follow(client, client.post(path_of_link(Purpose.OWN, squatter), {"release": "1"}))
    assert "Your address is yours again." in text_of(page)
    assert f'value="{ADDRESS}"' in text_of(page)
    assert "Hello, Mira" in text_of(follow(client, send(client, "/sign-up", **MIRA)))
    mira = User.objects.get(email=ADDRESS)
    assert mira != squatter
    assert mira.email_confirmed_at
    assert proofs.KEY not in client.session


def test_the_proof_is_of_one_address(client: Client, squatter: User) -> None:
    release_email(squatter, client)
    send(client, "/sign-up", **MIRA | {"email": "other@example.org"})
    assert User.objects.get(email="other@example.org").email_confirmed_at is None


def test_the_proof_is_of_one_browser(client: Client, squatter: User) -> None:
    release_email(squatter)
    send(client, "/sign-up", **MIRA)
    assert User.objects.get(email=ADDRESS).email_confirmed_at is None


def test_the_proof_holds_for_a_while_alone(client: Client, squatter: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "LIFETIME", -proofs.LIFETIME)
    release_email(squatter, client)
    send(client, "/sign-up", **MIRA)
    assert User.objects.get(email=ADDRESS).email_confirmed_at is None


def test_who_registers_with_it_in_between_is_no_obstacle(client: Client, squatter: User) -> None:
    release_email(squatter, client)
    again = NewcomerFactory.create(email=ADDRESS)
    assert "Hello, Mira" in text_of(follow(client, send(client, "/sign-up", **MIRA)))
    again.refresh_from_db()
    assert again.released_email == ADDRESS


def test_unless_they_have_proven_it_too(client: Client, squatter: User) -> None:
    release_email(squatter, client)
    confirm_email(NewcomerFactory.create(email=ADDRESS))
    assert errors_of(send(client, "/sign-up", **MIRA))["email"]


def test_a_link_that_was_used_tells_what_became_of_it(client: Client, squatter: User) -> None:
    path = path_of_link(Purpose.OWN, squatter)
    release_email(squatter)
    assert "Your address is yours again" in text_of(client.get(path))
    assert "Your address is yours again" in text_of(client.post(path, {"release": "1"}))
    assert proofs.KEY not in client.session, "it proves nothing a second time"


@pytest.mark.parametrize("secret", ["x", "a:b:c", "W10:1:x", "\u00e4"])
def test_a_dead_link_says_what_to_do(client: Client, secret: str) -> None:
    for page in (client.get(f"/email/{secret}"), client.post(f"/email/{secret}", {"confirm": "1"})):
        assert page.status_code == 410
        assert "This link does not work any more" in text_of(page)


def test_a_link_to_a_new_address_gives_nothing_back(client: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(new_email=ADDRESS)
    path = path_of_link(Purpose.CHANGE, ada)
    page = client.post(path, {"release": "1"})
    assert page.status_code < 400
    ada.refresh_from_db()
    assert (ada.email, ada.released_email) == ("ada@example.org", "")


def test_a_taken_address_says_so_and_not_more(client: Client, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(new_email=ADDRESS)
    path = path_of_link(Purpose.CHANGE, ada)
    confirm_email(NewcomerFactory.create(email=ADDRESS))
    page = client.post(path, {"confirm": "1"})
    assert "This e-mail address belongs to somebody already." in text_of(page)
    assert "Is this your new address?" in text_of(page)


def test_asking_says_the_same_whoever_has_the_address(client: Client, squatter: User) -> None:
    confirm_email(NewcomerFactory.create(email="confirmed@example.org"))
    texts = set()
    for email in (ADDRESS, "confirmed@example.org", "nobody@example.org"):
        page = text_of(follow(Client(), Client().post("/email/take-back", {"email": email})))
        texts.add(page[page.index("<main") : page.index("</main>")])
    assert len(texts) == 1


def test_asking_is_throttled_for_each_network_address(client: Client, settings: LazySettings) -> None:
    settings.ATTEMPT_RATES = {"email_claim": "2/hour"}
    statuses = [client.post("/email/take-back", {"email": f"{n}@example.org"}).status_code for n in range(4)]
    assert statuses == [302, 302, 429, 429]
    assert OutgoingMail.objects.count() == 2


def test_no_mail_is_asked_for_at_what_is_no_address(client: Client) -> None:
    assert list(errors_of(client.post("/email/take-back", {"email": "nobody"}))) == ["email"]


def test_who_lost_an_address_may_change_other_details_while_another_waits(client: Client, ada: User) -> None:
    release_email(ada)
    details = {"name": "Ada", "email": "new@example.org", "timezone": "UTC", "locale": "en"}
    assert path_of(send(client, "/profile", **details)) == "/profile"
    assert 'value="new@example.org"' in text_of(client.get("/profile"))
    assert path_of(send(client, "/profile", **details | {"name": "Ada King"})) == "/profile"
    assert mails_to("new@example.org") == ["confirm_new_email"]


def test_who_lost_an_address_reads_it_on_every_page(client: Client, ada: User) -> None:
    release_email(ada)
    for path in ("/", "/accounts", "/transfer", "/profile", "/accounts/open"):
        assert "ada@example.org belongs to somebody else" in text_of(client.get(path)), path
    assert path_of(client.post("/profile/email", {"send": "1"})) == "/profile"
    assert mails_to("ada@example.org") == [], "none goes there any more"
