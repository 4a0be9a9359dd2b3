"""Pages that move money: deposit, withdraw, transfer."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from accounts.users.pages import CustomerRequest, customer_required, form_page
from accounts.web.access import active_required, own_account_or_404, rails_required, refusal_page
from accounts.web.forms.money import DepositForm, MoneyForm, TransferForm, WithdrawForm
from accounts.web.views.outcome import redirect_after, send_form


def deposit(request: HttpRequest, account_id: UUID) -> HttpResponseBase:
    """Credits one's own account with money from outside."""
    return _move_money(request, account_id, DepositForm, "accounts/deposit.html")


def withdraw(request: HttpRequest, account_id: UUID) -> HttpResponseBase:
    """Debits one's own account with money that leaves for outside."""
    return _move_money(request, account_id, WithdrawForm, "accounts/withdraw.html")


@form_page
@customer_required
@rails_required
@active_required
def _move_money(request: CustomerRequest, account_id: UUID, form_class: type[MoneyForm], template: str) -> HttpResponse:
    account = own_account_or_404(request, account_id)
    if page := refusal_page(request, partial(form_class.must_allow, account), account=account):
        return page
    form = form_class(request.POST or None, account=account)
    if form.is_valid():
        receipt = send_form(form, form.to_command(account_id, request.customer_id), request.actor, account_id)
        if receipt:
            return redirect_after(receipt, "projections:entry", receipt.answer["entry_id"])
    return render(request, template, {"form": form, "account": account})


@form_page
@customer_required
@active_required
def transfer(request: CustomerRequest) -> HttpResponse:
    """Transfer money in three steps: the form, a preview that stores nothing, and the confirmation."""
    form = TransferForm(request.POST or None, initial=_prefilled(request), customer_id=request.customer_id)
    step = request.POST.get("step")
    if step != "change" and form.is_valid():
        receipt = send_form(form, form.to_command(), request.actor, dry_run=step != "confirm")
        if receipt and receipt.dry_run:
            return render(request, "accounts/transfer_preview.html", {"form": form, "after": receipt.answer})
        if receipt:
            return redirect_after(receipt, "projections:transfer", receipt.answer["transfer_id"])
    return render(request, "accounts/transfer.html", {"form": form})


def _prefilled(request: CustomerRequest) -> dict[str, str]:
    """The accounts that the link to the page names."""
    return {f"{side}_account": request.GET[side] for side in ("from", "to") if side in request.GET}
