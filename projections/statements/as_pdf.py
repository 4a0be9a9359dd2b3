"""Statements as PDF; an issued one gives the same file, byte for byte, each time.

The layout is in `statement.typ`. Typst sets it: it shapes scripts, sets lines from the right, finds where they may be
broken, and makes a tagged file that can be read aloud.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final

import typst
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.templatetags.money import grouped, plain_money
from projections.models import Entry
from projections.seals import sealed_under
from projections.statements.fonts import all_fonts, families_for, is_right_to_left, showable
from projections.statements.months import Month
from projections.statements.sheets import Sheet
from projections.templatetags.accounts import account_name
from projections.templatetags.entries import entry_title

MANY_ENTRIES: Final = 100  # of which Typst remembers too much
REMEMBERED_DOCUMENTS: Final = 10
# A shorter word fits into the narrowest column. Chinese, Japanese and Korean are broken between any two characters.
_LONG_WORD: Final = re.compile("([^\\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]{13,})")

Text = Mapping[str, Any]


def as_pdf(sheet: Sheet) -> bytes:
    """Renders a statement in the active language, with dates of the active time zone."""
    layout = files(__package__).joinpath("statement.typ").read_bytes()
    document = _typeset(layout, _content(sheet), sheet.month.issued_at or datetime.now(UTC))
    if len(sheet.entries) > MANY_ENTRIES:
        _forget()
    return document


def _typeset(layout: bytes, content: Mapping[str, Any], made_at: datetime) -> bytes:
    return typst.compile(
        layout,
        format="pdf",
        font_paths=all_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"sheet": json.dumps(content)},
        timestamp=int(made_at.timestamp()),
    )


def _forget() -> None:
    """Frees what Typst remembers of the last document: a part of each of its ten last ones, 60 MB for a long one."""
    for _generation in range(REMEMBERED_DOCUMENTS + 1):
        _typeset(b"", {}, datetime.now(UTC))


def _content(sheet: Sheet) -> Mapping[str, Any]:
    """All that the layout shows."""
    month = sheet.month
    numbers = _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"}
    return {
        "lang": (get_language() or "en").partition("-")[0],
        "title": _text(_title(month)),
        "holder": _text(sheet.holder) if sheet.holder else None,
        "about": [_text(line) for line in _about(sheet)],
        "account": str(sheet.account.account_id),
        "page": _text(numbers),
        "figures": list(_figures(month)),
        "headings": [_text(heading) for heading in _headings(month.currency)],
        "entries": [_row(entry) for entry in sheet.entries],
        "note": _note(sheet),
        "proof": [_text(line) for line in _proof(sheet)],
    }


def _text(text: str) -> Text:
    """A text for the layout, with the fonts and the direction that it needs."""
    shown = showable(text)
    return {
        "text": shown,
        "fonts": families_for(shown),
        "rtl": is_right_to_left(shown),
        "runs": _LONG_WORD.split(shown),
    }


def _title(month: Month) -> str:
    return _("Statement of %(month)s") % {"month": date_format(month.first_day, "YEAR_MONTH_FORMAT")}


def _about(sheet: Sheet) -> Iterator[str]:
    """The account, when the statement was issued, and the time zone of its dates."""
    month = sheet.month
    yield account_name(sheet.account)
    yield str(sheet.account.account_id)
    if month.issued_at:
        yield _("Statement %(number)s, issued on %(date)s") % {"number": month.number, "date": _day(month.issued_at)}
    else:
        yield _("Not issued yet: until then it may change.")
    yield _("Dates are those of the time zone %(zone)s.") % {"zone": sheet.zone}


def _figures(month: Month) -> Iterator[tuple[Text, str, bool]]:
    """The opening and the closing balance, and the sums between them; `True` where one stands out."""
    yield _text(_("Opening balance")), plain_money(month.opening, month.currency), False
    yield _text(_("Came in")), plain_money(month.credits, month.currency), False
    yield _text(_("Left")), plain_money(month.debits, month.currency), False
    yield _text(_("Closing balance")), plain_money(month.closing, month.currency), True


def _headings(currency: str) -> Iterator[str]:
    yield from (_("Date"), _("Entry"), f"{_('Amount')} {currency}", f"{_('Balance after it')} {currency}")


def _row(entry: Entry) -> Mapping[str, Any]:
    """An entry, with the signs that its page has."""
    amount = grouped(entry.signed_amount, entry.currency)
    return {
        "date": _text(_day(entry.recorded_at)),
        "parts": [_text(part) for part in _description(entry)],
        "amount": f"+{amount}" if entry.signed_amount > 0 else amount,
        "balance": grouped(entry.balance, entry.currency),
    }


def _description(entry: Entry) -> Iterator[str]:
    """The description of an entry: its reference, its kind, and its effective date if that is another day."""
    if entry.reference:
        yield entry.reference
    yield entry_title(entry)
    if localtime(entry.effective_at).date() != localtime(entry.recorded_at).date():
        yield _("Effective on %(date)s") % {"date": _day(entry.effective_at)}


def _proof(sheet: Sheet) -> Iterator[str]:
    """The hash of an issued statement, and the head that it is sealed under: once there is one, it stays the same."""
    if not sheet.month.issued:
        return
    yield f"SHA-256 {sheet.month.digest.hex()}"
    seal = sealed_under(sheet.head)
    if seal is None:
        yield _("Not sealed yet: no signed head covers all of this month.")
        return
    yield _("Sealed under the head %(origin)s, size %(size)s") % {"origin": seal.origin, "size": seal.size}
    yield _("Root %(root)s, signed by %(key)s") % {"root": seal.root, "key": seal.key}


def _note(sheet: Sheet) -> Text | None:
    """A sentence in place of entries."""
    if sheet.is_long:
        return _text(_("There are too many entries to show. You find all of them in the CSV file."))
    return None if sheet.entries else _text(_("Nothing happened in this month."))


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "DATE_FORMAT")
