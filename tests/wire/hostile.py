"""Text that nobody types into an address, percent-encoded as it would be sent."""

from typing import Final

NUL: Final = ("%00", "a%00b")
ENDLESS: Final = ("9" * 5_000, "-" + "9" * 5_000)
NO_UTF_8: Final = ("%ff", "%ed%a0%80")
NUMBERS: Final = ("-1", str(2**31), str(2**63), "9" * 400, "1e400", "NaN", "%D9%A3", "1_0")
TEXTS: Final = ("", "x" * 3_000, "%0a", "%25", "%22%3e", "..%2f..", "%f3%a0%81%81")
TIMES: Final = ("0000-00", "9999-12", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00")

DEADLY: Final = (*NUL, *ENDLESS, *NO_UTF_8)  # what a database, or Python itself, can't take
HOSTILE: Final = (*DEADLY, *NUMBERS, *TEXTS, *TIMES)
# What ends in Python alike on every database is sent on one of them; these may reach the database itself.
REACHING: Final = (*NUL, "9" * 5_000, *NUMBERS, *TIMES)
QUERIES: Final = (*NUL, *ENDLESS, "%ff", "", "-1", str(2**63), "1e400", "%D9%A3", *TIMES[1:])  # one of a kind
REACHING_QUERIES: Final = tuple(text for text in QUERIES if text in REACHING)
