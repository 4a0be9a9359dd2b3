"""Amounts on pages: what a page prints it takes back, and what is in doubt it refuses."""

import pkgutil
from contextlib import suppress

import django.conf.locale
import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.money import EXPONENTS, MAX_MONEY, MIN_MONEY
from accounts.domain.notation import Notation
from accounts.services.notation import readers_notation
from accounts.templatetags.money import grouped, plain_money
from eventstore.decider import Refused

ENGLISH, GERMAN, FRENCH, SWISS = Notation(".", ","), Notation(",", "."), Notation(",", "\xa0"), Notation(".", "’")
INVALID, DECIMALS, RANGE = "INVALID_AMOUNT", "TOO_MANY_DECIMALS", "AMOUNT_OUT_OF_RANGE"

currencies = st.sampled_from(sorted(EXPONENTS))
# All that Django knows, also those that are not offered yet: a language more must not make one amount into another.
languages = sorted(
    {code for code, _ in settings.LANGUAGES}
    | {code.lower().replace("_", "-") for _, code, is_package in pkgutil.iter_modules(django.conf.locale.__path__)}
)


def read(notation: Notation, text: str, currency: str = "EUR") -> int | str:
    try:
        return notation.read(text, currency)
    except Refused as refused:
        return refused.refusal.code


def read_signed(notation: Notation, text: str, currency: str = "EUR") -> int | str:
    try:
        return notation.read_signed(text, currency)
    except Refused as refused:
        return refused.refusal.code


@given(st.integers(min_value=1, max_value=MAX_MONEY), currencies, st.sampled_from(languages))
def test_what_a_page_prints_it_takes_back(minor: int, currency: str, language: str) -> None:
    with translation.override(language):
        notation = readers_notation()
        for printed in (grouped(minor, currency), plain_money(minor, currency), f" {grouped(minor, currency)}\xa0"):
            assert notation.read(printed, currency) == minor


@given(st.integers(MIN_MONEY + 1, MAX_MONEY).filter(bool), currencies, st.sampled_from(languages))
def test_so_it_does_with_its_minus_sign_where_there_may_be_one(minor: int, currency: str, language: str) -> None:
    with translation.override(language):
        assert readers_notation().read_signed(plain_money(minor, currency), currency) == minor


@given(st.text(), currencies, st.sampled_from(languages))
def test_any_text_is_an_amount_or_refused(text: str, currency: str, language: str) -> None:
    with translation.override(language), suppress(Refused):
        assert 0 < readers_notation().read(text, currency) <= MAX_MONEY


@given(st.text("0123456789,. ", min_size=1, max_size=12), currencies, st.sampled_from(languages))
def test_no_digit_is_lost_or_moved(text: str, currency: str, language: str) -> None:
    with translation.override(language), suppress(Refused):
        minor, notation = readers_notation().read(text, currency), readers_notation()
        whole, _, decimals = text.partition(notation.decimal)
        digits = "".join(filter(str.isdigit, whole)) + "".join(filter(str.isdigit, decimals)).ljust(
            EXPONENTS[currency], "0"
        )
        assert minor == int(digits)


def test_money_is_grouped_by_thousands_in_each_language_that_is_offered() -> None:
    for code, _ in settings.LANGUAGES:
        with translation.override(code):
            assert plain_money(-123_456_789, "EUR") == "−1,234,567.89 EUR"


@pytest.mark.parametrize(
    ("language", "printed"),
    [("de", "1.234.567,89"), ("fr", "1\xa0234\xa0567,89"), ("en-gb", "1,234,567.89"), ("zh-hant", "1,234,567.89")],
)
def test_others_are_printed_as_they_are_written_there(language: str, printed: str) -> None:
    with translation.override(language):
        assert grouped(123_456_789, "EUR") == printed


@pytest.mark.parametrize(
    ("notation", "text", "minor"),
    [
        (ENGLISH, "1000.50", 100_050),
        (ENGLISH, "1,000.50", 100_050),
        (ENGLISH, "1,000", 100_000),
        (ENGLISH, "1,234,567.8", 123_456_780),
        (ENGLISH, "12,34,567.50", 123_456_750),  # as in India
        (ENGLISH, "1,00,000", 10_000_000),
        (ENGLISH, " \u30001,000.50\t", 100_050),
        (ENGLISH, "1,000.50 EUR", 100_050),
        (ENGLISH, "1,000.50\xa0eur", 100_050),
        (ENGLISH, "EUR 1,000.50", 100_050),
        (ENGLISH, "1,000.50EUR", 100_050),
        (ENGLISH, "１，０００．５０", 100_050),
        (ENGLISH, "１０００", 100_000),
        (ENGLISH, "010.50", 1_050),
        (GERMAN, "1.000,50", 100_050),
        (GERMAN, "1.000", 100_000),
        (GERMAN, "1000,5", 100_050),
        (GERMAN, "１．０００，５０", 100_050),
        (FRENCH, "1\xa0000,50", 100_050),
        (FRENCH, "1\u202f000,50", 100_050),
        (FRENCH, "1 000 000,50 EUR", 100_000_050),
        (SWISS, "1'000.50", 100_050),
        (SWISS, "1’000.50", 100_050),
    ],
)
def test_reads(notation: Notation, text: str, minor: int) -> None:
    assert read(notation, text) == minor


@pytest.mark.parametrize(
    ("notation", "text", "currency", "code"),
    [
        (ENGLISH, "1,00", "EUR", INVALID),  # 100 or 1?
        (ENGLISH, "10,50", "EUR", INVALID),
        (ENGLISH, "1000,50", "EUR", INVALID),
        (ENGLISH, "1000,000", "EUR", INVALID),
        (ENGLISH, "0,001", "EUR", INVALID),
        (ENGLISH, "1,0000", "EUR", INVALID),
        (ENGLISH, "1,000,00", "EUR", INVALID),
        (ENGLISH, "1,00,00", "EUR", INVALID),
        (ENGLISH, "123,45,678", "EUR", INVALID),
        (ENGLISH, ",100", "EUR", INVALID),
        (ENGLISH, "1,,000", "EUR", INVALID),
        (ENGLISH, "1.000,50", "EUR", INVALID),
        (ENGLISH, "1.000.000", "EUR", INVALID),
        (ENGLISH, "1 000.50", "EUR", INVALID),
        (ENGLISH, "1.000", "EUR", DECIMALS),
        (ENGLISH, "1,000.500", "EUR", DECIMALS),
        (ENGLISH, "1,000.0", "JPY", DECIMALS),
        (ENGLISH, "92,233,720,368,547,758.08", "EUR", RANGE),
        (GERMAN, "10.50", "EUR", INVALID),
        (GERMAN, "1,000", "EUR", DECIMALS),
        (GERMAN, "1,000.50", "EUR", INVALID),
        (GERMAN, "1.00", "EUR", INVALID),
        (FRENCH, "1\xa0000\u202f000", "EUR", INVALID),  # two kinds of separators
        (FRENCH, "1\n000", "EUR", INVALID),
        *((ENGLISH, text, "EUR", INVALID) for text in ("-5", "−5", "－5", "+5", "＋5", "(5)", "1e3", "１ｅ３", "0")),
        *((ENGLISH, text, "EUR", INVALID) for text in ("", " ", ".", ",", "EUR", "٣", "१२", "10²", "½", "①", "五")),
        *((ENGLISH, text, "EUR", INVALID) for text in ("5 USD", "EUR 5 EUR EUR", "5 EURO", "€5", "1_000", "0x10")),
    ],
)
def test_refuses_rather_than_guess(notation: Notation, text: str, currency: str, code: str) -> None:
    assert read(notation, text, currency) == code


@pytest.mark.parametrize("text", ["-5.00", "−5.00", "－５．００", "−5 EUR", "EUR -5", " - 5"])
def test_reads_a_minus_as_it_is_printed_where_there_may_be_one(text: str) -> None:
    assert read_signed(ENGLISH, text) == -500


@pytest.mark.parametrize("text", ["--5", "−-5", "+5", "5-", "-", "−0", "-1,00", "-5e1"])
def test_refuses_any_other_sign(text: str) -> None:
    assert read_signed(ENGLISH, text) == INVALID


def test_the_example_in_a_refusal_is_one_that_would_be_taken() -> None:
    with pytest.raises(Refused) as caught:
        GERMAN.read("ten", "EUR")
    assert str(caught.value) == "Enter an amount in plain digits, such as 10,50."
