"""The addresses of the API at which one asks."""

from accounts.api.routes import address
from projections.api.accounts import AccountsView, AccountView, EntriesView, TransferView
from projections.api.approvals import ApprovalsView, ApprovalView
from projections.api.balances import BalanceView, DailyBalancesView
from projections.api.books import AuditView, ProjectionsView, TrialBalanceView, VolumesView
from projections.api.commands import CommandView
from projections.api.customers import CustomersView, CustomerView, MeView
from projections.api.files import EntriesFileView
from projections.api.holds import HoldsView, HoldView
from projections.api.log import EventsView, StreamView
from projections.api.statements import StatementCsvView, StatementPdfView, StatementsView, StatementView

urlpatterns = [
    address("me", MeView),
    address("customers", CustomersView),
    address("customers/<str:customer_id>", CustomerView),
    address("accounts", AccountsView),
    address("accounts/<str:account_id>", AccountView),
    address("accounts/<str:account_id>/balance", BalanceView),
    address("accounts/<str:account_id>/daily-balances", DailyBalancesView),
    address("accounts/<str:account_id>/entries", EntriesView),
    address("accounts/<str:account_id>/entries.csv", EntriesFileView),
    address("accounts/<str:account_id>/holds", HoldsView),
    address("accounts/<str:account_id>/statements", StatementsView),
    address("accounts/<str:account_id>/statements/<str:period>.csv", StatementCsvView),
    address("accounts/<str:account_id>/statements/<str:period>.pdf", StatementPdfView),
    address("accounts/<str:account_id>/statements/<str:period>", StatementView),
    address("holds/<str:hold_id>", HoldView),
    address("transfers/<str:transfer_id>", TransferView),
    address("approvals", ApprovalsView),
    address("approvals/<str:approval_id>", ApprovalView),
    address("commands/<path:key>", CommandView),
    address("events", EventsView),
    address("streams/<str:category>/<str:stream_id>", StreamView),
    address("trial-balance", TrialBalanceView),
    address("volumes", VolumesView),
    address("audit", AuditView),
    address("projections", ProjectionsView),
]
