"""The addresses of queries in the API."""

from eventstore.http.routes import route
from projections.api.accounts import AccountsView, AccountView, EntriesView, TransferView
from projections.api.approvals import ApprovalsView, ApprovalView
from projections.api.balances import BalanceView, DailyBalancesView
from projections.api.books import AuditView, ProjectionsView, TrialBalanceView, VolumesView
from projections.api.commands import CommandView
from projections.api.customers import CustomersView, CustomerView, MeView
from projections.api.files import EntriesFileView
from projections.api.holds import HoldsView, HoldView
from projections.api.live import EventStreamView
from projections.api.log import EventsView, StreamView
from projections.api.proofs import (
    CommandProofView,
    ConsistencyView,
    EventProofView,
    HeadsView,
    StatementProofView,
)
from projections.api.statements import StatementCsvView, StatementPdfView, StatementsView, StatementView

urlpatterns = [
    route("me", MeView),
    route("customers", CustomersView),
    route("customers/<str:customer_id>", CustomerView),
    route("accounts", AccountsView),
    route("accounts/<str:account_id>", AccountView),
    route("accounts/<str:account_id>/balance", BalanceView),
    route("accounts/<str:account_id>/daily-balances", DailyBalancesView),
    route("accounts/<str:account_id>/entries", EntriesView),
    route("accounts/<str:account_id>/entries.csv", EntriesFileView),
    route("accounts/<str:account_id>/holds", HoldsView),
    route("accounts/<str:account_id>/statements", StatementsView),
    route("accounts/<str:account_id>/statements/<str:period>.csv", StatementCsvView),
    route("accounts/<str:account_id>/statements/<str:period>.pdf", StatementPdfView),
    route("accounts/<str:account_id>/statements/<str:period>/proof", StatementProofView),
    route("accounts/<str:account_id>/statements/<str:period>", StatementView),
    route("holds/<str:hold_id>", HoldView),
    route("transfers/<str:transfer_id>", TransferView),
    route("approvals", ApprovalsView),
    route("approvals/<str:approval_id>", ApprovalView),
    route("commands/<uuid:command_id>/proof", CommandProofView),
    route("commands/<path:key>", CommandView),
    route("events", EventsView),
    route("events/stream", EventStreamView),
    route("events/<str:position>/proof", EventProofView),
    route("heads", HeadsView),
    route("heads/consistency", ConsistencyView),
    route("streams/<str:category>/<str:stream_id>", StreamView),
    route("trial-balance", TrialBalanceView),
    route("volumes", VolumesView),
    route("audit", AuditView),
    route("projections", ProjectionsView),
]
