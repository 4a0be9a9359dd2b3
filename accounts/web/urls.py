"""The URLs of the pages on which customers act."""

from django.urls import path

from accounts.web.views import accounts, money, people

app_name = "accounts"

urlpatterns = [
    path("sign-up", people.sign_up, name="sign_up"),
    path("sign-in", people.SignIn.as_view(), name="sign_in"),
    path("sign-out", people.sign_out, name="sign_out"),
    path("profile", people.profile, name="profile"),
    path("accounts/open", accounts.open_account, name="open"),
    path("accounts/<uuid:account_id>/rename", accounts.rename, name="rename"),
    path("accounts/<uuid:account_id>/deposit", money.deposit, name="deposit"),
    path("accounts/<uuid:account_id>/withdraw", money.withdraw, name="withdraw"),
    path("transfer", money.transfer, name="transfer"),
]
