"""Statements as PDF, looked at as a reader does: where each character stands, how large it is, and the pixels."""

import ctypes
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2
import pypdfium2.raw
import pytest
from django.test import Client

from accounts.domain.money import MAX_MONEY, format_amount
from projections.models import Account, Customer
from projections.statements.fonts import CHINESE, JAPANESE, families_for, is_right_to_left, showable
from projections.statements.issuance import issue
from tests.factories import owner_of
from tests.history import opened, paid_in, registered, taken_out, utc
from tests.tampering import rewrite_rows

MM: Final = 72 / 25.4
WIDTH, HEIGHT, MARGIN, FOOT = 210 * MM, 297 * MM, 20 * MM, 10 * MM
NEAR: Final = 0.5  # points

SCRIPTS: Final = {
    "chinese": "你好 工资 payment 给张三 " * 3,
    "japanese": "日本語テスト山田太郎" * 13,
    "korean": "한국어 메모 " * 10,
    "arabic": "مرحبا بالعالم 123 abc",
    "hebrew": "שלום עולם 42",
    "devanagari": "नमस्ते हिन्दी क्षत्रिय",
    "thai": "สวัสดีชาวโลกนี่คือข้อความยาวมากที่ไม่มีช่องว่างเลย",
    "burmese": "ခမ်းနား မြန်မာ",
    "emoji": "😀 👩‍👩‍👧 ❤️ 🇩🇪",
    "long word": "W" * 140,
    "long word after others": "Transfer for " + "ABCDEFGH" * 15,
    "long Arabic": "العربية" * 20,
    "none": "",
    "latin": "Łódź Ελλάδα Кириллица, Invoice 2026-000123 for something described at length",
}


@dataclass(frozen=True)
class Glyph:
    """A visible character: its box in points, from the lower left corner of its page, and its size."""

    text: str
    page: int
    index: int
    left: float
    bottom: float
    right: float
    top: float
    size: float

    def meets(self, other: "Glyph") -> bool:
        return (
            self.page == other.page
            and min(self.right, other.right) - max(self.left, other.left) > NEAR
            and min(self.top, other.top) - max(self.bottom, other.bottom) > NEAR
        )


class Paper:
    """A PDF, as its reader sees it."""

    def __init__(self, content: bytes) -> None:
        self.document: Any = pypdfium2.PdfDocument(content)
        self.pages: list[Any] = [page.get_textpage() for page in self.document]
        self.glyphs = [glyph for number in range(len(self.pages)) for glyph in self._glyphs_of(number)]

    @property
    def text(self) -> str:
        return " ".join(" ".join(page.get_text_range() for page in self.pages).split())

    @property
    def language(self) -> str:
        """The language in which a screen reader reads it aloud."""
        buffer = (ctypes.c_ushort * 32)()
        length = pypdfium2.raw.FPDFCatalog_GetLanguage(self.document, buffer, 64)
        return bytes(buffer)[: length - 2].decode("utf-16-le")

    def found(self, text: str) -> list[list[Glyph]]:
        """The glyphs of each place where a text stands."""
        by_place = {(glyph.page, glyph.index): glyph for glyph in self.glyphs}
        places = []
        for number, page in enumerate(self.pages):
            search = page.search(text, match_case=True)
            while place := search.get_next():
                indexes = range(place[0], place[0] + place[1])
                places.append([by_place[number, index] for index in indexes if (number, index) in by_place])
        return places

    def ink_outside_the_margins(self) -> bool:
        """Whether any pixel left or right of the margins is not white."""
        scale = 2
        for page in self.document:
            bitmap = page.render(scale=scale, grayscale=True)
            pixels, edge = bytes(bitmap.buffer), int((MARGIN - 2 * NEAR) * scale)
            for row in range(bitmap.height):
                line = pixels[row * bitmap.stride : row * bitmap.stride + bitmap.width]
                if min(line[:edge] + line[bitmap.width - edge :]) < 250:
                    return True
        return False

    def _glyphs_of(self, number: int) -> Iterator[Glyph]:
        page = self.pages[number]
        for index in range(page.count_chars()):
            text = page.get_text_range(index, 1)
            if text.strip():
                left, bottom, right, top = page.get_charbox(index)
                size = pypdfium2.raw.FPDFText_GetFontSize(page, index)
                yield Glyph(text, number, index, left, bottom, right, top, round(size, 2))


def issued(currency: str = "EUR", *, name: str = "Ada Lovelace", label: str = "Savings") -> Account:
    return opened(registered(utc(2026, 1, 5), name), utc(2026, 1, 10), currency=currency, label=label)


def shown(account: Account, ending: str = "", language: str = "en") -> bytes:
    issue()
    client = Client()
    client.force_login(owner_of(account.account_id))
    client.cookies["django_language"] = language
    return client.get(f"/accounts/{account.account_id}/statements/2026-02{ending}").content


def paper_of(account: Account, language: str = "en") -> Paper:
    return Paper(shown(account, ".pdf", language))


def amounts_on_the_page(account: Account, language: str = "en") -> list[str]:
    """The amounts of the entries on the page of the statement, with their signs: of each its own and the balance."""
    table = shown(account, "", language).decode().partition('<table class="ledger">')[2]
    return [html.unescape(found).strip() for found in re.findall(r"<data [^>]*>([^<]*)<", table)]


def must_be_laid_out(paper: Paper, account: Account, language: str = "en") -> None:
    """Asserts that nothing leaves the page, and that no cell runs into another."""
    for glyph in paper.glyphs:
        assert glyph.left > MARGIN - 2, glyph
        assert glyph.right < WIDTH - MARGIN + 2, glyph
        assert glyph.bottom > FOOT, glyph
        assert glyph.top < HEIGHT - MARGIN + 2, glyph
    assert not paper.ink_outside_the_margins()
    amounts = amounts_on_the_page(account, language)
    numbers = [place for amount in set(amounts) for place in paper.found(amount)]
    own = {(glyph.page, glyph.index) for place in numbers for glyph in place}
    others = [glyph for glyph in paper.glyphs if (glyph.page, glyph.index) not in own]
    for number in numbers:
        assert not any(number[0].meets(other) or number[-1].meets(other) for other in others), number
        assert not any(glyph.meets(other) for glyph in number for other in others), number
    headings = {place[0].page: place[0].bottom for place in paper.found("Entry" if language == "en" else "明细")}
    entries = [place for place in numbers if place[0].top < headings[place[0].page]]
    assert len(entries) >= len(set(amounts))
    assert {glyph.size for place in entries for glyph in place} == {9.5}
    edges = sorted(place[-1].right for place in entries)
    column = sum(edge < edges[-1] - 1 for edge in edges)  # the amounts; the others are balances
    for aligned in (edges[:column], edges[column:]):
        assert aligned[-1] - aligned[0] < 2 * NEAR


@pytest.mark.django_db
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_reference_in_any_script_keeps_to_its_column(script: str) -> None:
    account = issued()
    paid_in(account, 123_456_789, utc(2026, 2, 1), "Salary")
    paid_in(account, 100_000, utc(2026, 2, 2), SCRIPTS[script].strip()[:140], effective_at=utc(2026, 1, 20))
    taken_out(account, 5_000, utc(2026, 2, 28), "Rent")
    must_be_laid_out(paper_of(account), account)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["张三丰", "山田 さくら", "أدا لوفلايس", "אדה", "Müller" * 33, "A" * 100])
def test_a_holder_of_any_name_keeps_to_the_page(name: str) -> None:
    account = issued(name=name, label=name[:100])
    for day in range(1, 6):
        paid_in(account, 1_000 * day, utc(2026, 2, day), "Salary")
    must_be_laid_out(paper_of(account), account)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("currency", ["EUR", "JPY", "BHD", "CLF"])
def test_the_largest_amounts_have_room(currency: str, language: str) -> None:
    account = issued(currency)
    paid_in(account, MAX_MONEY, utc(2026, 2, 1), "W" * 140)
    taken_out(account, MAX_MONEY - 5_000_000, utc(2026, 2, 2), "工资" * 70)
    paper = paper_of(account, language)
    must_be_laid_out(paper, account, language)
    assert format_amount(MAX_MONEY, currency) in paper.text.replace(",", "")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_it_states_what_the_page_states(language: str) -> None:
    account = issued(name="张三")
    for day in range(1, 29):
        paid_in(account, 10_050 * day, utc(2026, 2, day), f"Salary {day}", effective_at=utc(2026, 1, 20))
        taken_out(account, 5_000, utc(2026, 2, day, 1), "工资")
    text, rest = paper_of(account, language).text, shown(account, "", language).decode()
    table = rest.partition('<table class="ledger">')[2]
    stated = re.findall(r"<(?:data|time) [^>]*>([^<]*)<|<a[^>]*>([^<]*)</a>", table)
    position = text.index(re.findall(r"<time[^>]*>([^<]*)<", table)[0])
    for cells in stated[: 28 * 2 * 4]:
        cell = html.unescape("".join(cells)).strip()
        assert cell in text[position:], cell
        position = text.index(cell, position) + len(cell)
    for figure in re.findall(r"<data [^>]*>([^<]*)<", rest.partition('<table class="ledger">')[0]):
        assert f" {figure.strip()} EUR" in text
    assert text.count("−50.00") == 28  # as on the page: a true minus sign, and a plus
    assert "+100.50" in text


@pytest.mark.django_db
def test_each_page_has_the_heading_and_its_number() -> None:
    account = issued()
    for number in range(120):
        paid_in(account, 100, utc(2026, 2, 1, number // 60, number % 60), "Salary 工资")
    paper = paper_of(account)
    must_be_laid_out(paper, account)
    pages = [" ".join(page.get_text_range().split()) for page in paper.pages]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert page.count("Date Entry Amount EUR Balance after it EUR") == 1
        assert f"Page {number} of {len(pages)}" in page


@pytest.mark.django_db
def test_an_erased_holder_is_not_named() -> None:
    account = issued()
    paid_in(account, 100, utc(2026, 2, 1), "Salary")
    rewrite_rows(Customer, {"customer_id": account.customer_id}, name=None)
    paper = paper_of(account)
    assert "Ada" not in paper.text
    must_be_laid_out(paper, account)


@pytest.mark.django_db
def test_a_month_of_too_many_entries_leads_to_the_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.statements.sheets.MAX_ENTRIES_SHOWN", 2)
    account = issued()
    for day in range(1, 5):
        paid_in(account, 100, utc(2026, 2, day), "Salary")
    text = paper_of(account).text
    assert "There are too many entries to show. You find all of them in the CSV file." in text
    assert "Salary" not in text
    assert "Closing balance 4.00 EUR" in text


@pytest.mark.django_db
def test_what_people_write_is_text_and_no_markup() -> None:
    account = issued(name="*Ada* #panic() $x$", label='#read("/etc/passwd")')
    paid_in(account, 100, utc(2026, 2, 1), '] } " \\ {page} @x <y> // #import "z" = Title')
    text = paper_of(account).text
    for written in ("*Ada* #panic() $x$", '#read("/etc/passwd")', '] } " \\ {page} @x <y> // #import "z" = Title'):
        assert written in text


@pytest.mark.django_db
def test_a_screen_reader_finds_tags_title_and_language() -> None:
    account = issued()
    paid_in(account, 100, utc(2026, 2, 1), "Salary")
    paper = paper_of(account)
    assert pypdfium2.raw.FPDFCatalog_IsTagged(paper.document)
    assert paper.document.get_metadata_dict()["Title"] == "Statement of February 2026"
    assert paper.language == "en"


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("Łódź Ελλάδα", ["Noto Sans"]),
        ("张三", ["Noto Sans", CHINESE.family]),
        ("山田さくら", ["Noto Sans", JAPANESE.family]),
        ("مرحبا", ["Noto Sans", "Noto Sans Arabic"]),
        ("😀", ["Noto Sans", "Noto Emoji"]),
    ],
)
def test_no_more_fonts_are_opened_than_a_text_needs(text: str, families: list[str]) -> None:
    assert families_for(text) == families


@pytest.mark.parametrize(
    ("text", "expected"), [("abc مرحبا", False), ("123 مرحبا abc", True), ("שלום", True), ("", False), ("42", False)]
)
def test_the_first_letter_tells_from_which_side_a_text_begins(text: str, expected: bool) -> None:
    assert is_right_to_left(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\u202eb", "ab"), ("\U00010348x", "\ufffdx"), ("\u0301", "\xa0\u0301"), ("e\u0301", "é"), ("\U000e0041", "")],
)
def test_only_what_can_be_shown_is(text: str, expected: str) -> None:
    assert showable(text) == expected
