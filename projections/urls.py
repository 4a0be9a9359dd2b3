"""The addresses of the pages that ask."""

from django.urls import path

from projections import views

app_name = "projections"

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts", views.accounts, name="accounts"),
    path("accounts/<uuid:account_id>", views.account, name="account"),
    path("entries/<uuid:entry_id>", views.entry, name="entry"),
    path("transfers/<uuid:transfer_id>", views.transfer, name="transfer"),
]
