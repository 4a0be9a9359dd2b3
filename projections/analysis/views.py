"""The pages of analysis, for staff: charts, the table, and the same as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.domain.money import EXPONENTS, format_amount
from eventstore.analysis import CannotAnalyse
from projections.analysis.answers import Answer, answer
from projections.analysis.cells import table_of
from projections.analysis.period import PeriodForm
from projections.analysis.questions import QUESTIONS, Column, Kind, Question
from projections.analysis.troubles import trouble_of
from projections.spreadsheets import csv_lines

Row = dict[str, Any]
OFFERS = (7, 30, 90, 366)  # days


@dataclass(frozen=True)
class Choice:
    """A link to another period, currency or question; `days` is the length of a period."""

    query: str
    is_current: bool
    text: str = ""
    days: int = 0


@require_safe
def first(request: HttpRequest) -> HttpResponse:
    """The first question that the reader may ask."""
    allowed = _allowed(request)
    if not allowed:
        raise PermissionDenied
    return redirect("analysis:page", allowed[0].name)


@require_safe
def page(request: HttpRequest, question: str) -> HttpResponse:
    """The answer to a question as charts and a table."""
    asked = _question(request, question)
    form = _form(request, asked)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": asked.title,
        "question": asked,
        "questions": _allowed(request),
        "form": form,
        "offers": _offers(form, asked),
    }
    if form.is_valid():
        context |= _found(request, asked, form)
    return TemplateResponse(request, "projections/analysis.html", context, status=200 if form.is_valid() else 400)


@require_safe
def file(request: HttpRequest, question: str) -> HttpResponse:
    """All rows of the answer as CSV, amounts in major units; back to the page where that says what is wrong."""
    asked = _question(request, question)
    form = _form(request, asked)
    if not form.is_valid():
        return _back(request, question)
    try:
        found = answer(question, form.span)
    except CannotAnalyse:
        return _back(request, question)
    headers = {
        "Content-Disposition": f'attachment; filename="{question}-{form.span.until}.csv"',
        "Tidemark-Position": str(found.reach.position),
    }
    lines = csv_lines(_cells(asked, found.rows))
    return HttpResponse("".join(lines), content_type="text/csv; charset=utf-8", headers=headers)


def _found(request: HttpRequest, question: Question, form: PeriodForm) -> dict[str, Any]:
    try:
        found = answer(question.name, form.span)
    except CannotAnalyse as error:
        return {"trouble": trouble_of(error, question.name)}
    rows, currencies = _of_currency(request, question, found)
    days = {name: f"{day}" for name, day in form.cleaned_data.items() if day}
    return {
        "answer": found,
        "charts": question.draw(rows, form.span),
        "table": table_of(question.columns, rows),
        "query": urlencode(days),
        "currencies": [Choice(urlencode({**days, "currency": code}), is_it, code) for code, is_it in currencies],
    }


def _of_currency(
    request: HttpRequest, question: Question, found: Answer
) -> tuple[Sequence[Row], list[tuple[str, bool]]]:
    """The rows of the currency in the address, or of the one with the most entries; and all there are."""
    if not question.by_currency:
        return found.rows, []
    entries: dict[str, int] = {}
    for row in found.rows:
        entries[row["currency"]] = entries.get(row["currency"], 0) + row["entries"]
    given = request.GET.get("currency", "")
    chosen = given if given in entries else max(entries, key=lambda code: entries[code], default="")
    rows = [row for row in found.rows if row["currency"] == chosen]
    return rows, [(code, code == chosen) for code in sorted(entries)]


def _question(request: HttpRequest, name: str) -> Question:
    """The question; raises Http404 if there is none, and PermissionDenied for whoever may not see its answer."""
    question = QUESTIONS.get(name)
    if question is None:
        raise Http404
    if not request.user.has_perms(question.permissions):
        raise PermissionDenied
    return question


def _allowed(request: HttpRequest) -> list[Question]:
    return [question for question in QUESTIONS.values() if request.user.has_perms(question.permissions)]


def _form(request: HttpRequest, question: Question) -> PeriodForm:
    today = timezone.now().astimezone(UTC).date()
    return PeriodForm(request.GET, days=question.days, most_days=question.most_days, today=today)


def _offers(form: PeriodForm, question: Question) -> list[Choice]:
    """The usual periods, each up to today."""
    if not question.days:
        return []
    span = (form.span.since, form.span.until) if form.is_valid() else None
    found = []
    for days in OFFERS:
        if days <= question.most_days:
            since = form.today.fromordinal(form.today.toordinal() - days + 1)
            query = urlencode({"since": since, "until": form.today})
            found.append(Choice(query, span == (since, form.today), days=days))
    return found


def _back(request: HttpRequest, name: str) -> HttpResponse:
    query = urlencode({key: request.GET[key] for key in ("since", "until") if key in request.GET})
    response = redirect("analysis:page", name)
    response["Location"] += f"?{query}" if query else ""
    return response


def _cells(question: Question, rows: Sequence[Row]) -> Iterator[list[Any]]:
    yield [column.name for column in question.columns]
    for row in rows:
        yield [_cell(column, row) for column in question.columns]


def _cell(column: Column, row: Row) -> Any:
    found = row[column.name]
    if column.kind == Kind.AMOUNT and row["currency"] in EXPONENTS:
        return format_amount(int(found), row["currency"])
    return found
