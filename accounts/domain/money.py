"""Money: an integer of minor units and an ISO 4217 currency. Never a float.

The table is ISO 4217 list one as of 2026-01-01 (amendment 180): each currency and fund code with minor units.
Metals, bond market units, special drawing rights and test codes have none: no account can be held in them.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from eventstore.decider import Refused
from eventstore.decider import phrase as _

MAX_MONEY: Final = 2**63 - 1  # what a signed 64-bit column holds
MIN_MONEY: Final = -(2**63)

# Directions of an entry, as they are stored
CREDIT: Final = "credit"  # money arrives
DEBIT: Final = "debit"  # money leaves

_CODES_BY_EXPONENT: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
        CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
        GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD
        LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB
        PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
        SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW
        ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

EXPONENTS: Final[Mapping[str, int]] = dict(
    sorted((code, exponent) for exponent, codes in _CODES_BY_EXPONENT.items() for code in codes.split())
)

_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def exponent_of(currency: str, *, field: str = "currency") -> int:
    """The number of decimals of a currency; refuses UNKNOWN_CURRENCY."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise Refused("UNKNOWN_CURRENCY", _("This is not the code of a currency in use."), field=field) from None


def parse_amount(
    text: str, currency: str, *, field: str = "amount", may_be_zero: bool = False, example: str = ""
) -> int:
    """The minor units of a positive amount such as "10.50"; zero only where `may_be_zero` allows it, as for a limit.

    Refuses, in this order: INVALID_AMOUNT for text that is no amount, or for zero; AMOUNT_OUT_OF_RANGE beyond 64 bits;
    TOO_MANY_DECIMALS for more than the currency has, even if they are zeros: nothing is ever rounded. The first
    shows an `example`.
    """
    exponent = exponent_of(currency)
    if not _AMOUNT.fullmatch(text) or not ((amount := Decimal(text)) or may_be_zero):
        raise Refused(
            "INVALID_AMOUNT",
            _("Enter an amount in plain digits, such as %(example)s."),
            field=field,
            example=example or format_amount(1050, currency),
        )
    if amount > Decimal(MAX_MONEY).scaleb(-exponent):
        raise out_of_range(field)
    if len(text.partition(".")[2]) > exponent:
        raise Refused(
            "TOO_MANY_DECIMALS",
            _("An amount in %(currency)s has at most %(decimals)s decimals."),
            field=field,
            currency=currency,
            decimals=exponent,
        )
    return int(amount.scaleb(exponent))


def parse_signed(text: str, currency: str, *, field: str = "amount") -> int:
    """The minor units of an amount that may have a minus before it, such as "-10.50"; refuses as `parse_amount`."""
    sign = -1 if text.startswith("-") else 1
    return sign * parse_amount(text.removeprefix("-"), currency, field=field)


def format_amount(minor: int, currency: str) -> str:
    """Minor units as a decimal string with all decimals of the currency: "0.00", "-10.50", JPY "150"."""
    exponent = exponent_of(currency)
    sign, digits = "-" if minor < 0 else "", str(abs(minor)).rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else f"{sign}{digits}"


def decimal_amount(minor: int, currency: str) -> Decimal:
    """Minor units as a number of major ones, with all decimals of the currency."""
    return Decimal(minor).scaleb(-exponent_of(currency))


def signed(amount: int, direction: str) -> int:
    """An amount with the sign of its direction: negative for a debit."""
    return amount if direction == CREDIT else -amount


def fits(minor: int) -> bool:
    """Whether a sum of minor units fits into a signed 64-bit column."""
    return MIN_MONEY <= minor <= MAX_MONEY


def out_of_range(field: str = "amount") -> Refused:
    """The refusal of an amount beyond 64 bits, or of one that leads to a sum beyond them."""
    return Refused("AMOUNT_OUT_OF_RANGE", _("This amount is larger than an account can hold."), field=field)
