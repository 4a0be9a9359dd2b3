"""The addresses of the API at which one acts."""

from accounts.api.accounts import OpenAccountView
from accounts.api.approvals import ApproveView, RefuseView, RequestApprovalView, WithdrawRequestView
from accounts.api.bulk import BulkView
from accounts.api.closures import CloseAccountView
from accounts.api.customer_status import EraseCustomerView, ReinstateCustomerView, SuspendCustomerView
from accounts.api.customers import RegisterCustomerView, UpdateCustomerView
from accounts.api.holds import CaptureHoldView, PlaceHoldView, ReleaseHoldView
from accounts.api.money import DepositView, TransferView, WithdrawView
from accounts.api.restrictions import FreezeAccountView, SetLimitsView, SetOverdraftView, UnfreezeAccountView
from accounts.api.reversals import ReverseEntryView
from accounts.api.routes import address
from accounts.api.tokens import CreateTokenView

urlpatterns = [
    address("token", CreateTokenView),
    address("customers", RegisterCustomerView),
    address("customers/<str:customer_id>", UpdateCustomerView),
    address("customers/<str:customer_id>/suspend", SuspendCustomerView),
    address("customers/<str:customer_id>/reinstate", ReinstateCustomerView),
    address("customers/<str:customer_id>/erase", EraseCustomerView),
    address("accounts", OpenAccountView),
    address("accounts/<str:account_id>/deposits", DepositView),
    address("accounts/<str:account_id>/withdrawals", WithdrawView),
    address("accounts/<str:account_id>/holds", PlaceHoldView),
    address("accounts/<str:account_id>/freeze", FreezeAccountView),
    address("accounts/<str:account_id>/unfreeze", UnfreezeAccountView),
    address("accounts/<str:account_id>/overdraft", SetOverdraftView),
    address("accounts/<str:account_id>/limits", SetLimitsView),
    address("accounts/<str:account_id>/close", CloseAccountView),
    address("transfers", TransferView),
    address("holds/<str:hold_id>/capture", CaptureHoldView),
    address("holds/<str:hold_id>/release", ReleaseHoldView),
    address("entries/<str:entry_id>/reversal", ReverseEntryView),
    address("approvals", RequestApprovalView),
    address("approvals/<str:approval_id>/approve", ApproveView),
    address("approvals/<str:approval_id>/refuse", RefuseView),
    address("approvals/<str:approval_id>/withdraw", WithdrawRequestView),
    address("bulk", BulkView),
]
