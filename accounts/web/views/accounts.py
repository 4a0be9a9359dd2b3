"""Pages about an account itself: opening and naming it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from accounts.web.access import CustomerRequest, customer_required, form_page, own_account_or_404
from accounts.web.forms.accounts import OpenAccountForm, RenameForm
from accounts.web.views.outcome import redirect_after
from eventstore.execute import execute
from eventstore.forms import attempt


@form_page
@customer_required
def open_account(request: CustomerRequest) -> HttpResponse:
    """Open an account of one's own."""
    form = OpenAccountForm(request.POST or None)
    if form.is_valid():
        command = form.to_command(request.customer_id)
        receipt = attempt(form, lambda: execute(command, form.key, actor=request.actor, fingerprint=form.fingerprint()))
        if receipt:
            return redirect_after(receipt, "projections:account", receipt.answer["account_id"])
    return render(request, "accounts/open.html", {"form": form})


@form_page
@customer_required
def rename(request: CustomerRequest, account_id: UUID) -> HttpResponse:
    """Give an account another name."""
    account = own_account_or_404(request, account_id)
    form = RenameForm(request.POST or None, initial={"label": account.label})
    if form.is_valid():
        command = form.to_command(account_id, request.customer_id)
        receipt = attempt(
            form, lambda: execute(command, form.key, actor=request.actor, fingerprint=form.fingerprint(account_id))
        )
        if receipt:
            return redirect_after(receipt, "projections:account", account_id)
    return render(request, "accounts/rename.html", {"form": form, "account": account})
