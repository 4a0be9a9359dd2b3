"""Addresses of the pages that only read."""

from django.urls import path

from projections import proof_pages, views
from projections.statements import views as statements

app_name = "projections"

STATEMENT = "accounts/<uuid:account_id>/statements/<str:period>"

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts", views.accounts, name="accounts"),
    path("accounts/<uuid:account_id>", views.account, name="account"),
    path("accounts/<uuid:account_id>/statements", statements.statements, name="statements"),
    path(f"{STATEMENT}.csv", statements.statement_csv, name="statement_csv"),
    path(f"{STATEMENT}.pdf", statements.statement_pdf, name="statement_pdf"),
    path(f"{STATEMENT}/proof", proof_pages.statement_proof, name="statement_proof"),
    path(STATEMENT, statements.statement, name="statement"),
    path("entries/<uuid:entry_id>", views.entry, name="entry"),
    path("entries/<uuid:entry_id>/proof", proof_pages.entry_proof, name="entry_proof"),
    path("transfers/<uuid:transfer_id>", views.transfer, name="transfer"),
    path("how-to-check", proof_pages.how_to_check, name="how_to_check"),
    path(proof_pages.VERIFIER_NAME, proof_pages.verifier, name="verifier"),
]
