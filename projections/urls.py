"""Addresses of the pages that only read."""

from django.urls import path

from projections import views
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
    path(STATEMENT, statements.statement, name="statement"),
    path("entries/<uuid:entry_id>", views.entry, name="entry"),
    path("transfers/<uuid:transfer_id>", views.transfer, name="transfer"),
]
