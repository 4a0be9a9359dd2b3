"""Which passwords are taken: long ones of any characters, but not those that others guess first."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, identify_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client, override_settings

from accounts.users.models import User
from accounts.users.password_words import SiteWordsValidator
from tests.api.caller import Caller
from tests.config.test_settings import GOOD, read_settings
from tests.factories import PASSWORD, CustomerFactory

ADA = User(email="ada@example.org")


@pytest.mark.parametrize(
    "password",
    [
        "8 chars!",
        "83649281037465",  # digits alone
        "only small letters",
        "ALLCAPITALS",
        " leading and trailing ",
        "密码是一个很长的句子",
        "🐢🐇🐢🐇🐢🐇🐢🐇",
        "x" * 63 + "y",
        "a long sentence " * 60,
        "a customer of the tide",
    ],
)
def test_any_characters_will_do(password: str) -> None:
    validate_password(password, ADA)


@pytest.mark.parametrize(
    "password",
    [
        "seven77",
        "password1",
        "12345678901",
        "football",
        "ada@example.org",
        "Tidemark2026!",
        "tidemark-admin-1",
        "MoneyBank!!",
        "Superuser99",
        "tidemarktidemark",
    ],
)
def test_what_others_guess_first_will_not(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, ADA)


def test_a_site_adds_its_own_words() -> None:
    with pytest.raises(ValidationError):
        SiteWordsValidator(["Riverside"]).validate("riverside-2026")
    SiteWordsValidator().validate("riverside-2026")
    options = read_settings("settings.AUTH_PASSWORD_VALIDATORS[-1]['OPTIONS']", **GOOD, PASSWORD_WORDS="Riverside,Ltd")
    assert options.stdout.strip() == "{'more_words': ['Riverside', 'Ltd']}"


def test_the_words_are_those_that_the_documents_list() -> None:
    text = Path(settings.BASE_DIR, "docs/security.md").read_text()
    listed = re.search(r"^Words that make no password: (.*?)\.$", text, re.MULTILINE | re.DOTALL)
    assert listed
    assert sorted(re.findall(r"\w+", listed[1])) == sorted(SiteWordsValidator().words)


@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"])
def test_passwords_are_hashed_slowly() -> None:
    hasher = read_settings("hasattr(settings, 'PASSWORD_HASHERS')", **GOOD)
    assert hasher.stdout.strip() == "False", "Django's default is what this test looks at"
    assert identify_hasher(make_password("correct horse battery")).algorithm == "pbkdf2_sha256"
    assert PBKDF2PasswordHasher.iterations >= 600_000  # as OWASP's cheat sheet has it


@pytest.mark.parametrize("size", [64, 73, 200, 1_000])
def test_every_character_counts(size: int) -> None:
    password = "ä" * (size - 1)
    assert check_password(password + "b", make_password(password + "b"))
    for other in (password + "c", password, password.upper() + "b", f" {password}b"):
        assert not check_password(other, make_password(password + "b"))


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["  Spaces Around  ", "64 characters: " + "é" * 49, "a" * 990 + "bcdefghij"])
def test_the_api_takes_a_password_as_it_is(password: str) -> None:
    stranger = Caller(None)
    assert stranger.post("customers", {"name": "Eve", "email": "eve@example.org", "password": password}).status == 201
    assert stranger.post("token", {"email": "eve@example.org", "password": password}, key=None).status == 200
    other = password[:-1] if password.strip() == password else password.strip()
    assert stranger.post("token", {"email": "eve@example.org", "password": other}, key=None).status == 401


@pytest.mark.django_db
def test_the_pages_take_a_password_as_it_is(client: Client) -> None:
    exact = "  Spaces Around  "
    form = client.get("/sign-up").context["form"]
    sent = {"name": "Eve", "email": "eve@example.org", "timezone": "UTC", "command_id": form["command_id"].value()}
    assert client.post("/sign-up", {**sent, "password": exact}).status_code == 302
    for password, status in ((exact.strip(), 200), (exact.upper(), 200), (exact, 302)):
        assert client.post("/sign-in/again", {"proof-password": password}).status_code == status
        for door in ("/sign-in", "/admin/login/"):
            page = Client().post(door, {"username": "eve@example.org", "password": password})
            assert (page.status_code == 302) == (status == 302 and door == "/sign-in"), door


@pytest.mark.django_db
def test_no_password_expires() -> None:
    user = CustomerFactory.create(email="ada@example.org", password=PASSWORD)
    User.objects.filter(pk=user.pk).update(joined_at=datetime(2000, 1, 1, tzinfo=UTC), last_login=None)
    assert authenticate(username="ada@example.org", password=PASSWORD) == user


def test_a_user_holds_nothing_by_which_a_password_is_recalled() -> None:
    names = " ".join(field.name for field in User._meta.get_fields())
    assert not re.search("hint|question|answer|recall", names)


OLD, NEW = "current-password", "new-password"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/sign-up", [NEW]),
        ("/sign-in", [OLD]),
        ("/admin/login/", [OLD]),
        ("/sign-in/again", [OLD]),
        ("/profile/password", [OLD, NEW, NEW]),
    ],
)
def test_password_fields_hide_what_is_typed_and_let_helpers_work(client: Client, path: str, fields: list[str]) -> None:
    if path in {"/sign-in/again", "/profile/password"}:
        client.force_login(CustomerFactory.create())
    page = client.get(path).content.decode()
    found = re.findall(r'<input[^>]*name="[^"]*password[^"]*"[^>]*>', page)
    assert [re.findall(r'autocomplete="([^"]*)"', field) for field in found] == [[kind] for kind in fields]
    assert all('type="password"' in field and "maxlength" not in field for field in found)
    assert "paste" not in Path(settings.BASE_DIR, "static/js/site.js").read_text()
