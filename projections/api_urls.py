"""The addresses of the API at which one asks."""

from accounts.api.routes import address
from projections.api.accounts import Accounts, Entries, OneAccount, OneTransfer
from projections.api.books import Audit, Projections, TrialBalance
from projections.api.commands import OneCommand
from projections.api.customers import Customers, Me, OneCustomer
from projections.api.log import Events, OneStream

urlpatterns = [
    address("me", Me),
    address("customers", Customers),
    address("customers/<str:customer_id>", OneCustomer),
    address("accounts", Accounts),
    address("accounts/<str:account_id>", OneAccount),
    address("accounts/<str:account_id>/entries", Entries),
    address("transfers/<str:transfer_id>", OneTransfer),
    address("commands/<path:key>", OneCommand),
    address("events", Events),
    address("streams/<str:category>/<str:stream_id>", OneStream),
    address("trial-balance", TrialBalance),
    address("audit", Audit),
    address("projections", Projections),
]
