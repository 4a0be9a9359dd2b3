"""The addresses of the pages that ask."""

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
        statement_views.statement_table,
        name="statement_table",
    ),
    path(
        "accounts/<uuid:account_id>/statements/<str:period>.pdf",
        statement_views.statement_paper,
        name="statement_paper",
    ),
    path("accounts/<uuid:account_id>/statements/<str:period>", statement_views.statement, name="statement"),
    path("entries/<uuid:entry_id>", views.entry, name="entry"),
    path("transfers/<uuid:transfer_id>", views.transfer, name="transfer"),
]
