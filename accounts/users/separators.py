"""The decimal sign and the separator of thousands in the reader's language."""

from typing import Final

from django.utils.formats import get_format

DEFAULT_GROUP: Final = ","
OTHER_GROUP: Final = "\N{NO-BREAK SPACE}"  # beside a decimal comma


def separators() -> tuple[str, str]:
    """Both, as Django has them for the active language.

    It has no separator for Chinese and some others, where numbers are grouped by tens of thousands; money is grouped by
    thousands there too, on statements of banks as on ours.
    """
    decimal, group = str(get_format("DECIMAL_SEPARATOR")), str(get_format("THOUSAND_SEPARATOR"))
    if not group or group == decimal:
        group = OTHER_GROUP if decimal == DEFAULT_GROUP else DEFAULT_GROUP
    return decimal, group
