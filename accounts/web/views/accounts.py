"""Pages that open and rename accounts."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from accounts.users.pages import CustomerRequest, customer_required, form_page
from accounts.web.access import active_required, own_account_or_404, refusal_page
from accounts.web.forms.accounts import OpenAccountForm, RenameForm
from accounts.web.views.outcome import redirect_after, send_form


@form_page
@customer_required
@active_required
def open_account(request: CustomerRequest) -> HttpResponse:
    """Opens an account for the customer."""
    form = OpenAccountForm(request.POST or None)
    if form.is_valid():
        receipt = send_form(form, form.to_command(request.customer_id), request.actor)
        if receipt:
            return redirect_after(receipt, "projections:account", receipt.answer["account_id"])
    return render(request, "accounts/open.html", {"form": form})


@form_page
@customer_required
@active_required
def rename(request: CustomerRequest, account_id: UUID) -> HttpResponse:
    """Gives one's own account another label."""
    account = own_account_or_404(request, account_id)
    if page := refusal_page(request, account.must_be_open, account=account):
        return page
    form = RenameForm(request.POST or None, initial={"label": account.label})
    if form.is_valid():
        receipt = send_form(form, form.to_command(account_id, request.customer_id), request.actor, account_id)
        if receipt:
            return redirect_after(receipt, "projections:account", account_id)
    return render(request, "accounts/rename.html", {"form": form, "account": account})
