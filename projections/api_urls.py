"""The addresses of the API at which one asks."""

from accounts.api.routes import address
from projections.api.accounts import Accounts, Entries, OneAccount, OneTransfer
from projections.api.approvals import Approvals, OneApproval
from projections.api.balances import Balance, DailyBalances
from projections.api.books import Audit, Projections, TrialBalance, Volumes
from projections.api.commands import OneCommand
from projections.api.customers import Customers, Me, OneCustomer
from projections.api.files import EntriesFile
from projections.api.holds import Holds, OneHold
from projections.api.log import Events, OneStream
from projections.api.statements import OneStatement, StatementPaper, Statements, StatementTable

urlpatterns = [
    address("me", Me),
    address("customers", Customers),
    address("customers/<str:customer_id>", OneCustomer),
    address("accounts", Accounts),
    address("accounts/<str:account_id>", OneAccount),
    address("accounts/<str:account_id>/balance", Balance),
    address("accounts/<str:account_id>/daily-balances", DailyBalances),
    address("accounts/<str:account_id>/entries", Entries),
    address("accounts/<str:account_id>/entries.csv", EntriesFile),
    address("accounts/<str:account_id>/holds", Holds),
    address("accounts/<str:account_id>/statements", Statements),
    address("accounts/<str:account_id>/statements/<str:period>.csv", StatementTable),
    address("accounts/<str:account_id>/statements/<str:period>.pdf", StatementPaper),
    address("accounts/<str:account_id>/statements/<str:period>", OneStatement),
    address("holds/<str:hold_id>", OneHold),
    address("transfers/<str:transfer_id>", OneTransfer),
    address("approvals", Approvals),
    address("approvals/<str:approval_id>", OneApproval),
    address("commands/<path:key>", OneCommand),
    address("events", Events),
    address("streams/<str:category>/<str:stream_id>", OneStream),
    address("trial-balance", TrialBalance),
    address("volumes", Volumes),
    address("audit", Audit),
    address("projections", Projections),
]
