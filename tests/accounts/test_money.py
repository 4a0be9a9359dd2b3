"""Money: amounts as people write them, and as they are stored."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.money import EXPONENTS, MAX_MONEY, MIN_MONEY, exponent_of, format_amount, parse_amount
from eventstore.decider import Refused

currencies = st.sampled_from(sorted(EXPONENTS))


def refusal_of(text: str, currency: str = "EUR") -> str:
    with pytest.raises(Refused) as caught:
        parse_amount(text, currency)
    assert caught.value.refusal.field == "amount"
    return caught.value.refusal.code


@given(st.integers(min_value=1, max_value=MAX_MONEY), currencies)
def test_what_is_formatted_can_be_parsed(minor: int, currency: str) -> None:
    assert parse_amount(format_amount(minor, currency), currency) == minor


@given(st.integers(), currencies)
def test_all_decimals_are_shown(minor: int, currency: str) -> None:
    decimals = format_amount(minor, currency).partition(".")[2]
    assert len(decimals) == exponent_of(currency)


@given(st.text())
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    with suppress(Refused):
        assert 0 < parse_amount(text, "EUR") <= MAX_MONEY


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (0, "EUR", "0.00"),
        (5, "EUR", "0.05"),
        (-5, "EUR", "-0.05"),
        (1050, "EUR", "10.50"),
        (150, "JPY", "150"),
        (-150, "JPY", "-150"),
        (0, "JPY", "0"),
        (1, "BHD", "0.001"),
        (1, "CLF", "0.0001"),
        (MIN_MONEY, "EUR", "-92233720368547758.08"),
        (10**30, "EUR", "1" + "0" * 28 + ".00"),
    ],
)
def test_formats(minor: int, currency: str, text: str) -> None:
    assert format_amount(minor, currency) == text


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("10.50", "EUR", 1050),
        ("10.5", "EUR", 1050),
        ("10", "EUR", 1000),
        ("0.01", "EUR", 1),
        ("010.50", "EUR", 1050),
        ("150", "JPY", 150),
        ("1.234", "BHD", 1234),
        ("92233720368547758.07", "EUR", MAX_MONEY),
        ("9223372036854775807", "JPY", MAX_MONEY),
    ],
)
def test_parses(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


NO_AMOUNTS = """
    +1 -1 1e3 1E3 NaN Infinity 0x10 1_000 1,000 1,50 . .5 5. 1.2.3 ١٢ 1² ٣.50 €5 10.50EUR 0 0.00 0.000
"""


@pytest.mark.parametrize("text", [*NO_AMOUNTS.split(), "", " ", " 1", "1 ", "1\n", "1\0", "\N{MINUS SIGN}1"])
def test_refuses_what_is_no_amount(text: str) -> None:
    assert refusal_of(text) == "INVALID_AMOUNT"


@pytest.mark.parametrize(
    ("text", "currency"),
    [("92233720368547758.08", "EUR"), ("9223372036854775808", "JPY"), ("9" * 10_000, "EUR")],
)
def test_refuses_what_64_bits_can_not_hold(text: str, currency: str) -> None:
    assert refusal_of(text, currency) == "AMOUNT_OUT_OF_RANGE"


@pytest.mark.parametrize(
    ("text", "currency"),
    [("10.500", "EUR"), ("1.0", "JPY"), ("0.001", "EUR"), ("1.0000", "BHD"), ("1.00001", "CLF")],
)
def test_refuses_more_decimals_than_the_currency_has_even_zeros(text: str, currency: str) -> None:
    assert refusal_of(text, currency) == "TOO_MANY_DECIMALS"


def test_tells_the_first_thing_that_is_wrong() -> None:
    assert refusal_of("1e400.000") == "INVALID_AMOUNT"
    assert refusal_of("9" * 30 + ".000") == "AMOUNT_OUT_OF_RANGE"


@pytest.mark.parametrize("currency", ["", "eur", "XXX", "XTS", "XAU", "XDR", "BTC"])
def test_refuses_what_is_no_currency_in_use(currency: str) -> None:
    with pytest.raises(Refused) as caught:
        exponent_of(currency)
    assert caught.value.refusal.code == "UNKNOWN_CURRENCY"


@pytest.mark.parametrize(
    ("currency", "exponent"),
    [("EUR", 2), ("JPY", 0), ("BHD", 3), ("CLF", 4), ("ISK", 0), ("MRU", 2), ("IQD", 3)],
)
def test_knows_the_decimals_of_a_currency(currency: str, exponent: int) -> None:
    assert exponent_of(currency) == exponent


def test_knows_every_currency_that_has_minor_units() -> None:
    assert len(EXPONENTS) == 165
