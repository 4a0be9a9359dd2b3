"""The addresses of the API at which one acts."""

from accounts.api.accounts import Open
from accounts.api.customers import Register, Update
from accounts.api.money import Deposits, Transfers, Withdrawals
from accounts.api.routes import address
from accounts.api.tokens import SignIn

urlpatterns = [
    address("token", SignIn),
    address("customers", Register),
    address("customers/<str:customer_id>", Update),
    address("accounts", Open),
    address("accounts/<str:account_id>/deposits", Deposits),
    address("accounts/<str:account_id>/withdrawals", Withdrawals),
    address("transfers", Transfers),
]
