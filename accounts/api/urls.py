"""The addresses of commands in the API."""

from accounts.api.accounts import OpenAccountView
from accounts.api.approvals import ApproveView, RefuseView, RequestApprovalView, WithdrawRequestView
from accounts.api.bulk import BulkView
from accounts.api.closures import CloseAccountView
from accounts.api.customer_status import EraseCustomerView, ReinstateCustomerView, SuspendCustomerView
from accounts.api.customers import RegisterCustomerView, UpdateCustomerView
from accounts.api.deposits import DepositView, WithdrawView
from accounts.api.holds import CaptureHoldView, PlaceHoldView, ReleaseHoldView
from accounts.api.restrictions import FreezeAccountView, SetLimitsView, SetOverdraftView, UnfreezeAccountView
from accounts.api.reversals import ReverseEntryView
from accounts.api.tokens import CreateTokenView, EndSentTokenView, EndTokenView, TokensView
from accounts.api.transfers import TransferView
from eventstore.http.routes import route

urlpatterns = [
    route("token", CreateTokenView),
    route("token", EndSentTokenView),
    route("tokens", TokensView),
    route("tokens/<str:token_id>", EndTokenView),
    route("customers", RegisterCustomerView),
    route("customers/<str:customer_id>", UpdateCustomerView),
    route("customers/<str:customer_id>/suspend", SuspendCustomerView),
    route("customers/<str:customer_id>/reinstate", ReinstateCustomerView),
    route("customers/<str:customer_id>/erase", EraseCustomerView),
    route("accounts", OpenAccountView),
    route("accounts/<str:account_id>/deposits", DepositView),
    route("accounts/<str:account_id>/withdrawals", WithdrawView),
    route("accounts/<str:account_id>/holds", PlaceHoldView),
    route("accounts/<str:account_id>/freeze", FreezeAccountView),
    route("accounts/<str:account_id>/unfreeze", UnfreezeAccountView),
    route("accounts/<str:account_id>/overdraft", SetOverdraftView),
    route("accounts/<str:account_id>/limits", SetLimitsView),
    route("accounts/<str:account_id>/close", CloseAccountView),
    route("transfers", TransferView),
    route("holds/<str:hold_id>/capture", CaptureHoldView),
    route("holds/<str:hold_id>/release", ReleaseHoldView),
    route("entries/<str:entry_id>/reversal", ReverseEntryView),
    route("approvals", RequestApprovalView),
    route("approvals/<str:approval_id>/approve", ApproveView),
    route("approvals/<str:approval_id>/refuse", RefuseView),
    route("approvals/<str:approval_id>/withdraw", WithdrawRequestView),
    route("bulk", BulkView),
]
