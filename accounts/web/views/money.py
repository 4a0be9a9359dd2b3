"""Pages that move money: deposit, withdraw, transfer."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from accounts.services import rails
from accounts.web.access import CustomerRequest, customer_required, form_page, own_account_or_404, rails_required
from accounts.web.forms.money import DepositForm, MoneyForm, TransferForm, WithdrawForm
from accounts.web.views.outcome import redirect_after
from eventstore.execute import Receipt, execute
from eventstore.forms import attempt


@form_page
@customer_required
@rails_required
def deposit(request: CustomerRequest, account_id: UUID) -> HttpResponse:
    """Take money in."""
    return _move(request, account_id, DepositForm, "accounts/deposit.html")


@form_page
@customer_required
@rails_required
def withdraw(request: CustomerRequest, account_id: UUID) -> HttpResponse:
    """Pay money out."""
    return _move(request, account_id, WithdrawForm, "accounts/withdraw.html")


def _move(request: CustomerRequest, account_id: UUID, kind: type[MoneyForm], template: str) -> HttpResponse:
    account = own_account_or_404(request, account_id)
    form = kind(request.POST or None, account=account)
    if form.is_valid():
        receipt = attempt(
            form,
            lambda: rails.move_money(
                form.to_command(account_id, request.customer_id),
                form.key,
                actor=request.actor,
                fingerprint=form.fingerprint(account_id),
            ),
        )
        if receipt:
            return redirect_after(receipt, "projections:entry", receipt.answer["entry_id"])
    return render(request, template, {"form": form, "account": account})


@form_page
@customer_required
def transfer(request: CustomerRequest) -> HttpResponse:
    """Send money in three steps: the form, a preview that stores nothing, and the confirmation."""
    form = TransferForm(request.POST or None, initial=_prefilled(request), customer_id=request.customer_id)
    step = request.POST.get("step")
    if step != "change" and form.is_valid():
        receipt = attempt(form, lambda: _send(request, form, dry_run=step != "confirm"))
        if receipt and receipt.dry_run:
            return render(request, "accounts/transfer_preview.html", {"form": form, "after": receipt.answer})
        if receipt:
            return redirect_after(receipt, "projections:transfer", receipt.answer["transfer_id"])
    return render(request, "accounts/transfer.html", {"form": form})


def _prefilled(request: CustomerRequest) -> dict[str, str]:
    """A link may say between which accounts."""
    return {f"{side}_account": request.GET[side] for side in ("from", "to") if side in request.GET}


def _send(request: CustomerRequest, form: TransferForm, *, dry_run: bool) -> Receipt:
    return execute(form.to_command(), form.key, actor=request.actor, fingerprint=form.fingerprint(), dry_run=dry_run)
