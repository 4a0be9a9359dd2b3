"""Addresses of the pages that only read."""

from django.urls import path

from projections import statement_views, views

app_name = "projections"

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts", views.accounts, name="accounts"),
    path("accounts/<uuid:account_id>", views.account, name="account"),
    path("accounts/<uuid:account_id>/statements", statement_views.statements, name="statements"),
    path(
        "accounts/<uuid:account_id>/statements/<str:period>.csv",
        statement_views.statement_csv,
        name="statement_csv",
    ),
    path(
        "accounts/<uuid:account_id>/statements/<str:period>.pdf",
        statement_views.statement_pdf,
        name="statement_pdf",
    ),
    path("accounts/<uuid:account_id>/statements/<str:period>", statement_views.statement, name="statement"),
    path("entries/<uuid:entry_id>", views.entry, name="entry"),
    path("transfers/<uuid:transfer_id>", views.transfer, name="transfer"),
]
