"""The URLs of the pages on which customers act, and of those on which everybody signs in."""

from django.urls import path

from accounts.web.views import accounts, emails, factors, money, passwords, people, second_step, security

app_name = "accounts"

urlpatterns = [
    path("sign-up", people.sign_up, name="sign_up"),
    path("sign-in", people.SignIn.as_view(), name="sign_in"),
    path("sign-in/code", second_step.sign_in_code, name="sign_in_code"),
    path("sign-in/again", second_step.sign_in_again, name="sign_in_again"),
    path("sign-out", people.sign_out, name="sign_out"),
    path("password-reset", passwords.forgotten_password, name="password_reset"),
    path("password-reset/sent", passwords.sent, name="password_reset_sent"),
    path("password-reset/<uidb64>/<token>", passwords.choose_password, name="choose_password"),
    path("profile", people.profile, name="profile"),
    path("security/factors", factors.factors, name="factors"),
    path("security/factors/app", factors.add_app, name="add_app"),
    path("security/factors/app/remove", factors.remove_app, name="remove_app"),
    path("security/factors/passkey", factors.add_passkey, name="add_passkey"),
    path("security/factors/passkeys/<int:passkey_id>/remove", factors.remove_passkey, name="remove_passkey"),
    path("security/factors/recovery-codes", factors.recovery_codes, name="recovery_codes"),
    path("profile/email", emails.own_email, name="own_email"),
    path("email/take-back", emails.take_back, name="take_back"),
    path("email/take-back/asked", emails.take_back_asked, name="take_back_asked"),
    path("email/<str:secret>", emails.email_link, name="email_link"),
    path("profile/password", passwords.change_password, name="change_password"),
    path("security", security.overview, name="security"),
    path("security/sessions/end", security.end_session, name="end_session"),
    path("security/sign-out-everywhere", security.sign_out_everywhere, name="sign_out_everywhere"),
    path("security/tokens", security.create_token, name="create_token"),
    path("security/tokens/end", security.end_token, name="end_token"),
    path("accounts/open", accounts.open_account, name="open"),
    path("accounts/<uuid:account_id>/rename", accounts.rename, name="rename"),
    path("accounts/<uuid:account_id>/deposit", money.deposit, name="deposit"),
    path("accounts/<uuid:account_id>/withdraw", money.withdraw, name="withdraw"),
    path("transfer", money.transfer, name="transfer"),
]
