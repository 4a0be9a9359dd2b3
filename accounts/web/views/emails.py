"""Pages about e-mail addresses: the links of mails, taking an address back, and what the profile says of it."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.services import emails
from accounts.users import attempts, security_log
from accounts.users.email_links import EmailLink, Purpose, State, read_link
from accounts.users.models import User
from accounts.users.pages import CustomerRequest, customer_required, form_page
from accounts.users.sign_ins import withdraw_new_email
from accounts.web import proofs
from accounts.web.forms.emails import TakeBackForm
from eventstore.decider import Refusal
from eventstore.forms import sentence
from eventstore.http.addresses import network_address

DEAD: Final = 410  # Gone: the status of a link that works no more


@never_cache
@form_page
def email_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Shows what a link of a mail is for; a button does it, as programs that scan mails follow every link."""
    link = read_link(secret)
    refusal = None
    if link and link.state is State.OPEN and request.method == "POST":
        gives_back = "release" in request.POST and link.purpose is Purpose.OWN
        if gives_back:
            refusal = _give_back(request, link)
        elif "confirm" in request.POST:
            refusal = emails.confirm(link, request)
        if not refusal:
            return redirect("accounts:sign_up" if gives_back else request.path)
    shown = {"link": link, "sentence": refusal and sentence(refusal)}
    return render(request, "accounts/email_link.html", shown, status=200 if link else DEAD)


def _give_back(request: HttpRequest, link: EmailLink) -> Refusal | None:
    refusal = emails.release(link, request)
    if refusal is None:
        proofs.remember(request, link.email)
        messages.success(request, _("Your address is yours again."))
    return refusal


@never_cache
@form_page
def take_back(request: HttpRequest) -> HttpResponse:
    """Asks for the address that somebody else has registered with; says the same whoever has it."""
    form = TakeBackForm(request.POST or None)
    if form.is_valid():
        attempts.count("email_claim", network_address(request))
        emails.ask_for_link(form.cleaned_data["email"])
        security_log.record("email.claim_asked", request)
        return redirect("accounts:take_back_asked")
    return render(request, "accounts/take_back.html", {"form": form})


@require_safe
def take_back_asked(request: HttpRequest) -> HttpResponse:
    """Says that a mail is on its way, if there is anything to take back."""
    return render(request, "accounts/take_back_asked.html")


@form_page
@customer_required
def own_email(request: CustomerRequest) -> HttpResponse:
    """Sends the mail once more by which the customer confirms an address, or keeps the present one."""
    user = User.objects.get(customer_id=request.customer_id)
    if request.method == "POST" and "keep" in request.POST:
        withdraw_new_email(request.customer_id)
        messages.success(request, _("You keep your present address."))
    elif request.method == "POST":
        emails.send_again(user)
        messages.success(request, _("The mail is on its way. Please look into your mailbox."))
    return redirect("accounts:profile")
