"""The addresses of the API at which one acts."""

from accounts.api.accounts import Open
from accounts.api.approvals import Ask, Grant, TurnDown, Withdraw
from accounts.api.bulk import Bulk
from accounts.api.closing import Close
from accounts.api.conditions import Freeze, LimitAccount, SetOverdraft, Unfreeze
from accounts.api.customers import Register, Update
from accounts.api.holds import Capture, Holds, Release
from accounts.api.money import Deposits, Transfers, Withdrawals
from accounts.api.reversals import Reversal
from accounts.api.routes import address
from accounts.api.standing import Erase, Reinstate, Suspend
from accounts.api.tokens import SignIn

urlpatterns = [
    address("token", SignIn),
    address("customers", Register),
    address("customers/<str:customer_id>", Update),
    address("customers/<str:customer_id>/suspend", Suspend),
    address("customers/<str:customer_id>/reinstate", Reinstate),
    address("customers/<str:customer_id>/erase", Erase),
    address("accounts", Open),
    address("accounts/<str:account_id>/deposits", Deposits),
    address("accounts/<str:account_id>/withdrawals", Withdrawals),
    address("accounts/<str:account_id>/holds", Holds),
    address("accounts/<str:account_id>/freeze", Freeze),
    address("accounts/<str:account_id>/unfreeze", Unfreeze),
    address("accounts/<str:account_id>/overdraft", SetOverdraft),
    address("accounts/<str:account_id>/limits", LimitAccount),
    address("accounts/<str:account_id>/close", Close),
    address("transfers", Transfers),
    address("holds/<str:hold_id>/capture", Capture),
    address("holds/<str:hold_id>/release", Release),
    address("entries/<str:entry_id>/reversal", Reversal),
    address("approvals", Ask),
    address("approvals/<str:approval_id>/approve", Grant),
    address("approvals/<str:approval_id>/refuse", TurnDown),
    address("approvals/<str:approval_id>/withdraw", Withdraw),
    address("bulk", Bulk),
]
