"""The rules of text: names, labels, references, e-mails, languages and time zones."""

from collections.abc import Callable

import pytest

from accounts.domain import text
from eventstore.decider import Refused


def refused(clean: Callable[[str], str], value: str) -> bool:
    with pytest.raises(Refused) as caught:
        clean(value)
    assert caught.value.refusal.code == "MALFORMED"
    assert caught.value.refusal.field == clean.__name__.removeprefix("clean_")
    return True


@pytest.mark.parametrize(
    ("clean", "limit"), [(text.clean_name, 200), (text.clean_label, 100), (text.clean_reference, 140)]
)
def test_text_has_a_limit(clean: Callable[[str], str], limit: int) -> None:
    assert clean("é" * limit) == "é" * limit
    assert refused(clean, "é" * (limit + 1))


@pytest.mark.parametrize("clean", [text.clean_name, text.clean_label, text.clean_reference, text.clean_email])
@pytest.mark.parametrize("character", ["\0", "\x1b", "\n", "\x7f", "\x85", "\ud800"])
def test_control_characters_are_refused(clean: Callable[[str], str], character: str) -> None:
    assert refused(clean, f"ada{character}@example.org")


def test_spaces_around_text_do_not_count() -> None:
    assert text.clean_name("  Ada Lovelace ") == "Ada Lovelace"


def test_a_name_is_needed_but_a_label_or_reference_is_not() -> None:
    assert refused(text.clean_name, "  ")
    assert text.clean_label("  ") == text.clean_reference("") == ""


def test_people_write_in_their_own_script() -> None:
    assert text.clean_name("阿达·洛芙莱斯 👩‍💻") == "阿达·洛芙莱斯 👩‍💻"


@pytest.mark.parametrize("spelling", ["ada@example.org", " Ada@Example.ORG ", "ADA@EXAMPLE.ORG"])
def test_spellings_of_an_email_are_one(spelling: str) -> None:
    assert text.clean_email(spelling) == "ada@example.org"


NO_EMAILS = "ada ada@ @example.org ada@example a@b@example.org a@.org a@b..org"


@pytest.mark.parametrize("email", [*NO_EMAILS.split(), "", "a b@example.org", "a" * 250 + "@example.org"])
def test_refuses_what_can_not_be_an_email(email: str) -> None:
    assert refused(text.clean_email, email)


# Mail software takes these for ada@example.org, or for a list: mails would go to somebody who was not named, and what
# counts by the address would not see it.
OTHER_SPELLINGS = '"ada" ada(x) (x)ada x<ada <ada x,ada x;ada x:ada a\\da ada> [ada =?utf-8?q?ada?='


@pytest.mark.parametrize("name", OTHER_SPELLINGS.split())
def test_an_email_is_nothing_that_mail_software_reads_as_another(name: str) -> None:
    assert refused(text.clean_email, f"{name}@example.org")


@pytest.mark.parametrize("name", ["o'neil+bank", "a&b/c=d?e", "{ada}|~!#$%^`*", "用户", "ünter", "a.b_c-d"])
def test_an_email_goes_where_it_says(name: str) -> None:
    assert text.clean_email(f"{name}@example.org") == f"{name}@example.org"


@pytest.mark.parametrize(("locale", "stored"), [("en", "en"), ("zh-Hans", "zh-hans"), ("de-CH", "de-ch")])
def test_takes_language_tags(locale: str, stored: str) -> None:
    assert text.clean_locale(locale) == stored


@pytest.mark.parametrize("locale", ["", "e", "english!", "en_GB", "../en", "en-" + "x" * 9])
def test_refuses_other_locales(locale: str) -> None:
    assert refused(text.clean_locale, locale)


def test_takes_time_zones_that_exist() -> None:
    assert text.clean_timezone("Asia/Shanghai") == "Asia/Shanghai"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "europe/berlin", "../UTC", "Europe"])
def test_refuses_other_time_zones(zone: str) -> None:
    assert refused(text.clean_timezone, zone)
