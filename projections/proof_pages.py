"""What customers take with them to check proofs elsewhere: proofs as files, the verifier, and a page that says how."""

import json
from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.users.pages import CustomerRequest
from eventstore import proofs
from projections import page_queries
from projections.freshness import customer_page
from projections.statements.views import own_sheet_or_404

VERIFIER_NAME: Final = "verifier.pyz"
HEADS: Final = "/api/v1/heads"  # the address of their list


@require_safe
def how_to_check(request: HttpRequest) -> HttpResponse:
    """How to check a proof, in plain words, with the keys by which this site's heads are verified."""
    page = {"keys": proofs.known_keys(), "verifier_hash": proofs.verifier_hash(), "heads": HEADS}
    return render(request, "projections/how_to_check.html", page)


@require_safe
def verifier(_request: HttpRequest) -> HttpResponse:
    """The verifier as one file."""
    headers = {"Content-Disposition": f'attachment; filename="{VERIFIER_NAME}"'}
    return HttpResponse(proofs.verifier_file(), content_type="application/zip", headers=headers)


@require_safe
@customer_page("accounts", "entries")
def entry_proof(request: CustomerRequest, entry_id: UUID) -> HttpResponse:
    """The proof of an entry as a file; the way back to the entry while there is none."""
    entry = page_queries.own_entry(entry_id, request.customer_id)
    if entry is None:
        raise Http404
    try:
        proof = proofs.event_proof(entry.position)
    except proofs.NotSealed:
        return redirect("projections:entry", entry_id)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(entry.position)}"'}
    return HttpResponse(
        json.dumps(proof, ensure_ascii=False, indent=2), content_type="application/json", headers=headers
    )


@require_safe
@customer_page("accounts", "entries")
def statement_proof(request: CustomerRequest, account_id: UUID, period: str) -> HttpResponseBase:
    """The proof of an issued statement as a file; the way back to the statement while there is none."""
    sheet = own_sheet_or_404(request, account_id, period)
    if not sheet.month.issued:
        raise Http404
    try:
        parts = proofs.stream_proof(account_id, sheet.month.begins_at, sheet.month.ends_at)
    except proofs.NotSealed:
        return redirect("projections:statement", account_id, period)
    headers = {"Content-Disposition": f'attachment; filename="{sheet.file_name("proof.json")}"'}
    return StreamingHttpResponse(parts, content_type="application/json", headers=headers)


def file_name(position: int) -> str:
    """The name of the file with the proof of the event at a position."""
    return f"proof-{position}.json"
