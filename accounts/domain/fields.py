"""Types of fields with what a reader of the catalogue has to know of them: a unit, a notation, an example.

They check nothing, and are no part of a recorded shape: what is said here can be corrected without a new version.
"""

from typing import Annotated

from msgspec import Meta

MinorUnits = Annotated[
    int,
    Meta(
        description="in the currency's minor units: 1050 is 10.50 where it has two decimals",
        examples=[1050],
        extra_json_schema={"x-unit": "minor units"},
    ),
]
CurrencyCode = Annotated[str, Meta(description="the code of ISO 4217", examples=["EUR"])]
ZoneName = Annotated[str, Meta(description="the name of a time zone in the IANA database", examples=["Europe/Berlin"])]
Language = Annotated[str, Meta(description="a language as browsers name it", examples=["en"])]
