"""Text that nobody sees, or that shows something else than it says, is no name, no reason and no e-mail."""

from collections.abc import Callable

import pytest

from accounts.domain import text
from eventstore.decider import Refused

UNSEEN = [
    "\u200b",
    "\u2060",
    "\u00ad",
    "\u3164",
    "\ufeff",
    "\u115f",
    "\uffa0",
    "\u180e",
    "\u2066",
    "\ufff9",
    "\U000e0041",
]
DIRECTIONS = ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e"]
SHAPERS = ["\u200c", "\u200d", "\u200e", "\u200f", "\u034f", "\ufe0f", "\U000e0100"]
BLANKS = ["\u2800", "\u3000", "\u00a0", "\u2003", "\U0001d159", "\U00013430"]
TEXTS = [text.clean_name, text.clean_label, text.clean_reference, text.clean_reason]

each_text = pytest.mark.parametrize("clean", TEXTS)


def code_of(clean: Callable[[str], str], value: str) -> str:
    with pytest.raises(Refused) as caught:
        clean(value)
    return caught.value.refusal.code


@pytest.mark.parametrize("character", [*UNSEEN, *DIRECTIONS, *SHAPERS, *BLANKS])
def test_a_name_needs_something_to_see(character: str) -> None:
    assert code_of(text.clean_name, character * 3) == "MALFORMED"


@pytest.mark.parametrize("character", [*UNSEEN, *DIRECTIONS, *SHAPERS, *BLANKS])
def test_a_reason_that_nobody_sees_is_none(character: str) -> None:
    assert text.clean_reason(f" {character}{character} ") == ""


@each_text
@pytest.mark.parametrize("character", [*UNSEEN, *DIRECTIONS])
def test_what_nobody_sees_is_refused_within_a_text(clean: Callable[[str], str], character: str) -> None:
    for value in (f"Ada{character}Lovelace", f"{character}Ada", f"Ada{character}", f"阿{character}达"):
        assert code_of(clean, value) == "MALFORMED"


def test_the_refusal_names_the_character() -> None:
    with pytest.raises(Refused, match=r"U\+200B"):
        text.clean_name("Ada\u200b")


@each_text
@pytest.mark.parametrize("character", SHAPERS)
def test_what_shapes_others_is_refused_where_no_script_needs_it(clean: Callable[[str], str], character: str) -> None:
    assert code_of(clean, f"Ada{character}Lovelace") == "MALFORMED"


@each_text
@pytest.mark.parametrize(
    "written",
    ["👩\u200d💻", "❤\ufe0f", "1\ufe0f\u20e3", "می\u200cخواهم", "葛\U000e0100城", "क\u094d\u200dष", "עברית\u200f"],
)
def test_scripts_and_emoji_are_written_as_they_are(clean: Callable[[str], str], written: str) -> None:
    assert clean(written) == written


@each_text
@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_separators_of_lines_are_control_characters(clean: Callable[[str], str], separator: str) -> None:
    assert code_of(clean, f"a{separator}b") == "MALFORMED"


@each_text
def test_texts_are_stored_composed(clean: Callable[[str], str]) -> None:
    assert clean("O\u0308zil") == "Özil"


@pytest.mark.parametrize("character", [*UNSEEN, *DIRECTIONS, *SHAPERS, *BLANKS, " ", "\u0600"])
def test_no_email_holds_what_nobody_sees(character: str) -> None:
    for email in (f"ada{character}b@bank.example", f"é{character}b@bank.example", f"ada@ba{character}nk.example"):
        assert code_of(text.clean_email, email) == "MALFORMED"


@pytest.mark.parametrize("character", [*UNSEEN, *DIRECTIONS, *SHAPERS])
def test_no_email_ends_in_what_nobody_sees(character: str) -> None:
    for email in (f"support@bank.example{character}", f"{character}support@bank.example"):
        assert code_of(text.clean_email, email) == "MALFORMED"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@fuß.example", "ada@xn--fu-hia.example"),
        ("ada@FUß.example", "ada@XN--FU-HIA.EXAMPLE"),
        ("ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"),
        ("ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"),
        ("E\u0301va@example.org", "éva@example.org"),
        ("ADA@example.org", "ada@EXAMPLE.org"),
    ],
)
def test_spellings_of_one_mailbox_are_one(one: str, other: str) -> None:
    assert text.clean_email(one) == text.clean_email(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("straße@example.org", "strasse@example.org"),
        ("a@fuß.example", "a@fuss.example"),
        ("ﬁ@b.example", "fi@b.example"),
    ],
)
def test_two_mailboxes_are_two(one: str, other: str) -> None:
    assert text.clean_email(one) != text.clean_email(other)


@pytest.mark.parametrize(
    "domain", ["ex_ample.org", "-a.org", "xn--a.org", "a" * 64 + ".org", "☃\u0338.org", "[127.0.0.1]"]
)
def test_a_domain_that_can_not_exist_is_no_email(domain: str) -> None:
    assert code_of(text.clean_email, f"ada@{domain}") == "MALFORMED"


def test_the_limit_of_an_email_counts_octets() -> None:
    assert code_of(text.clean_email, "é" * 130 + "@example.org") == "MALFORMED"
