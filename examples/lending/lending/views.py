"""The pages of the library: one that asks, three that act."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from eventstore.execute import execute
from eventstore.forms import CommandForm, attempt

from lending.forms import JoinForm, LendForm, ReturnForm
from lending.models import Loan, Title


def books(request: HttpRequest) -> HttpResponse:
    """The catalogue, and what of it is out."""
    loans = {loan.book_id: loan for loan in Loan.objects.all()}
    lines = [(title, loans.get(title.book_id)) for title in Title.objects.order_by("title")]
    return render(request, "lending/books.html", {"lines": lines})


def join(request: HttpRequest) -> HttpResponse:
    """A reader joins."""
    form = JoinForm(request.POST or None)
    return _act(request, form, "Join the library", form.to_command)


def lend(request: HttpRequest, book_id: UUID) -> HttpResponse:
    """A book goes to a reader."""
    title = get_object_or_404(Title, pk=book_id)
    form = LendForm(request.POST or None)
    return _act(request, form, f"Lend {title}", lambda: form.to_command(book_id))


def give_back(request: HttpRequest, book_id: UUID) -> HttpResponse:
    """A book comes back."""
    title = get_object_or_404(Title, pk=book_id)
    form = ReturnForm(request.POST or None)
    return _act(request, form, f"Return {title}", lambda: form.to_command(book_id))


def _act(request: HttpRequest, form: CommandForm, heading: str, to_command: Callable[[], object]) -> HttpResponse:
    """Execute a valid form's command; show the form again with the refusal, if it is refused."""
    if form.is_valid():
        fingerprint = form.fingerprint(request.path)
        receipt = attempt(form, lambda: execute(to_command(), form.key, actor="desk", fingerprint=fingerprint))
        if receipt:
            return redirect("books")
    return render(request, "lending/form.html", {"form": form, "heading": heading})
