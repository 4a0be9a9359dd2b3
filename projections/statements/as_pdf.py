"""Statements as PDF; an issued one gives the same file, byte for byte, each time."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, cast

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos

from projections.models import Entry
from projections.statements.fonts import LATIN, Font, fonts_for, showable
from projections.statements.sheets import Sheet
from projections.templatetags.accounts import account_name
from projections.templatetags.entries import entry_title
from projections.templatetags.money import grouped, plain_money

MARGIN: Final = 20.0  # millimetres, as all lengths here
WIDTH: Final = 210.0 - 2 * MARGIN
DATE, NUMBER = 26.0, 34.0
WHAT: Final = WIDTH - DATE - 2 * NUMBER
LINE: Final = 5.0
SMALL, TEXT, TITLE = 8.0, 9.5, 20.0  # sizes of type, in points
INK, SOFT, RULE = (16, 36, 43), (74, 94, 102), (208, 217, 216)

Colour = tuple[int, int, int]

logging.getLogger("fontTools").setLevel(logging.ERROR)  # it logs each table that it leaves out of a font


def as_pdf(sheet: Sheet) -> bytes:
    """Renders a statement in the active language, with dates of the active time zone."""
    paper = _Paper(sheet)
    paper.add_page()
    paper.head()
    paper.figures()
    if sheet.is_long:
        paper.note(_("There are too many entries to show. You find all of them in the CSV file."))
    elif sheet.entries:
        paper.history()
    else:
        paper.note(_("Nothing happened in this month."))
    paper.proof()
    return bytes(paper.output())


class _Paper(FPDF):
    """The document, A4."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(format="A4")
        self.sheet, self.holder = sheet, sheet.holder or ""
        self.fonts_used: list[Font] = fonts_for(self._all_text())
        for font in (LATIN, *self.fonts_used):  # in their own weight: to make another one takes seconds
            self.add_font(font.name, "", font.path, collection_font_number=font.number)
        self.set_fallback_fonts([font.name for font in self.fonts_used])
        self.set_text_shaping(any(font.joins for font in self.fonts_used))
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, 22)
        self.set_title(self._title())
        self.set_lang(get_language() or "en")
        self.set_creator("Tidemark")
        self.set_creation_date(self.sheet.month.issued_at or datetime.now(UTC))

    def footer(self) -> None:
        """Writes the number of the page at its foot; FPDF calls this."""
        self.set_y(-15)
        self._ink(SMALL, SOFT)
        numbers = _("Page %(page)s of %(pages)s") % {"page": self.page_no(), "pages": "{nb}"}
        self._text(f"{self._title()} · {self.sheet.account.account_id}", 130)
        self._text(numbers, 0, align="R")

    def head(self) -> None:
        """Writes the month, the holder, the account, and when the statement was issued."""
        account, month = self.sheet.account, self.sheet.month
        self._ink(TITLE, INK)
        self._row(self._title(), 11)
        self._ink(TEXT, INK)
        self._row(self.holder)
        self._ink(TEXT, SOFT)
        self._row(f"{account_name(account)} · {account.account_id}")
        issued = (
            _("Statement %(number)s, issued on %(date)s") % {"number": month.number, "date": _day(month.issued_at)}
            if month.issued_at
            else _("Not issued yet: until then it may change.")
        )
        self._row(issued)
        self._row(_("Dates are those of the time zone %(zone)s.") % {"zone": account.timezone})
        self.ln(LINE)

    def figures(self) -> None:
        """Writes the opening and the closing balance, and the sums between them."""
        month = self.sheet.month
        for label, amount in (
            (_("Opening balance"), month.opening),
            (_("Came in"), month.credits),
            (_("Left"), -month.debits),
            (_("Closing balance"), month.closing),
        ):
            self._ink(TEXT, INK)
            self._text(label, WIDTH / 2)
            self._text(plain_money(amount, month.currency), 0, align="R")
            self.ln(LINE)
            self._rule()
        self.ln(LINE)

    def history(self) -> None:
        """Writes the entries, in the order in which they were recorded."""
        self._heading()
        for entry in self.sheet.entries:
            lines = self._lines_of(entry)
            if self.will_page_break(LINE * len(lines) + 2):
                self.add_page()
                self._heading()
            self._entry(entry, lines)

    def note(self, text: str) -> None:
        """Writes a sentence in place of entries."""
        self._ink(TEXT, SOFT)
        self._row(text)

    def proof(self) -> None:
        """Writes the hash of an issued statement."""
        if self.sheet.month.issued:
            self.ln(LINE)
            self._ink(SMALL, SOFT)
            self._row(f"SHA-256 {self.sheet.month.digest.hex()}")

    def _heading(self) -> None:
        self._ink(SMALL, SOFT)
        self._text(_("Date"), DATE)
        self._text(_("Entry"), WHAT)
        self._text(_("Amount"), NUMBER, align="R")
        self._text(_("Balance after it"), NUMBER, align="R")
        self.ln(LINE)
        self._rule()

    def _entry(self, entry: Entry, lines: Sequence[tuple[str, Colour]]) -> None:
        top = self.get_y()
        self._ink(TEXT, INK)
        self._text(_day(entry.recorded_at), DATE)
        self.set_x(MARGIN + DATE + WHAT)
        self._text(grouped(entry.signed_amount, entry.currency), NUMBER, align="R")
        self._text(grouped(entry.balance, entry.currency), NUMBER, align="R")
        self.set_y(top)
        for line, colour in lines:
            self._ink(TEXT, colour)
            self.set_x(MARGIN + DATE)
            self._text(line, WHAT)
            self.ln(LINE)
        self._rule()

    def _lines_of(self, entry: Entry) -> list[tuple[str, Colour]]:
        """The description of an entry, in lines of the column's width: the first part in ink, the others softer."""
        self._ink(TEXT, INK)
        parts = zip(_description(entry), (INK, SOFT, SOFT), strict=False)
        return [(line, colour) for part, colour in parts for line in self._wrapped(part)]

    def _wrapped(self, text: str) -> list[str]:
        shown = showable(text, self.fonts_used)
        if self.get_string_width(shown) < WHAT - 4:
            return [shown]
        lines = self.multi_cell(WHAT - 2, LINE, shown, dry_run=True, output=MethodReturnValue.LINES)
        return cast(list[str], lines)

    def _row(self, text: str, height: float = LINE) -> None:
        shown = showable(text, self.fonts_used)
        self.multi_cell(0, height, shown, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _text(self, text: str, width: float, *, align: str = "L") -> None:
        self.cell(width, LINE, showable(text, self.fonts_used), align=align)

    def _ink(self, size: float, colour: Colour) -> None:
        self.set_font(LATIN.name, "", size)
        self.set_text_color(*colour)

    def _rule(self) -> None:
        self.set_draw_color(*RULE)
        self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())
        self.ln(1)

    def _title(self) -> str:
        month = date_format(self.sheet.month.first_day, "YEAR_MONTH_FORMAT")
        return _("Statement of %(month)s") % {"month": month}

    def _all_text(self) -> str:
        """Every text that the document may show, so that its fonts can be chosen: of people, and of ours."""
        parts = [self.holder, self.sheet.account.label, self._title(), _("Statement %(number)s, issued on %(date)s")]
        parts += [part for entry in self.sheet.entries for part in _description(entry)]
        return "".join(parts)


def _description(entry: Entry) -> list[str]:
    """The description of an entry: its reference, its kind, and its effective date if that is another day."""
    parts = [entry.reference, entry_title(entry)]
    if localtime(entry.effective_at).date() != localtime(entry.recorded_at).date():
        parts.append(_("Effective on %(date)s") % {"date": _day(entry.effective_at)})
    return [part for part in parts if part]


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "DATE_FORMAT")
