"""Permissions: each route of the site, and the status that each kind of caller gets there.

A line is a route, a method and eight statuses. GET stands for HEAD too, `*` for the methods without a line of their
own; where there is no such line, no caller is served: 405, and 401 for strangers to the API. 302 is the way to
the page to sign in, or on from what was done.
"""

from collections.abc import Iterator, Mapping
from typing import Final

KINDS: Final = ("anonymous", "other", "owner", "support", "operator", "approver", "auditor", "superuser")
STAFF: Final = KINDS[3:]
METHODS: Final = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")

PAGES: Final = """
                                                                 anon othr ownr supp oper appr audi supr
/                                                        GET     200  200  200  302  302  302  302  302
/accounts                                                GET     302  200  200  403  403  403  403  403
/accounts/open                                           GET     302  200  200  403  403  403  403  403
/accounts/open                                           POST    302  302  302  403  403  403  403  403
/accounts/<uuid:account_id>                              GET     302  404  200  403  403  403  403  403
/accounts/<uuid:account_id>/rename                       GET     302  404  200  403  403  403  403  403
/accounts/<uuid:account_id>/rename                       POST    302  404  302  403  403  403  403  403
/accounts/<uuid:account_id>/deposit                      GET     302  404  200  403  403  403  403  403
/accounts/<uuid:account_id>/deposit                      POST    302  404  302  403  403  403  403  403
/accounts/<uuid:account_id>/withdraw                     GET     302  404  200  403  403  403  403  403
/accounts/<uuid:account_id>/withdraw                     POST    302  404  302  403  403  403  403  403
/accounts/<uuid:account_id>/statements                   GET     302  404  200  403  403  403  403  403
/accounts/<uuid:account_id>/statements/<str:period>      GET     302  404  200  403  403  403  403  403
/accounts/<uuid:account_id>/statements/<str:period>.csv  GET     302  404  200  403  403  403  403  403
/accounts/<uuid:account_id>/statements/<str:period>.pdf  GET     302  404  200  403  403  403  403  403
/entries/<uuid:entry_id>                                 GET     302  404  200  403  403  403  403  403
/entries/<uuid:entry_id>/proof                           GET     302  404  200  403  403  403  403  403
/accounts/<uuid:account_id>/statements/<str:period>/proof GET    302  404  200  403  403  403  403  403
/how-to-check                                            GET     200  200  200  200  200  200  200  200
/verifier.pyz                                            GET     200  200  200  200  200  200  200  200
/transfer                                                GET     302  200  200  403  403  403  403  403
/transfer                                                POST    302  200  302  403  403  403  403  403
/transfers/<uuid:transfer_id>                            GET     302  404  200  403  403  403  403  403
/profile/password                                        GET     302  200  200  403  403  403  403  403
/profile/password                                        POST    302  302  302  403  403  403  403  403
/password-reset                                          GET     200  200  200  200  200  200  200  200
/password-reset                                          POST    302  302  302  302  302  302  302  302
/password-reset/sent                                     GET     200  200  200  200  200  200  200  200
/password-reset/<uidb64>/<token>                         GET     302  302  302  302  302  302  302  302
/password-reset/<uidb64>/<token>                         POST    302  302  302  302  302  302  302  302
/profile                                                 GET     302  200  200  403  403  403  403  403
/profile                                                 POST    302  302  302  403  403  403  403  403
/security                                                GET     302  200  200  200  200  200  200  200
/security/sessions/end                                   GET     302  302  302  302  302  302  302  302
/security/sessions/end                                   POST    302  302  302  302  302  302  302  302
/security/sign-out-everywhere                            GET     302  302  302  302  302  302  302  302
/security/sign-out-everywhere                            POST    302  302  302  302  302  302  302  302
/security/tokens                                         GET     302  302  302  302  302  302  302  302
/security/tokens                                         POST    302  200  200  200  200  200  200  200
/security/tokens/end                                     GET     302  302  302  302  302  302  302  302
/security/tokens/end                                     POST    302  302  302  302  302  302  302  302
/profile/email                                           GET     302  302  302  403  403  403  403  403
/profile/email                                           POST    302  302  302  403  403  403  403  403
/email/take-back                                         GET     200  200  200  200  200  200  200  200
/email/take-back                                         POST    302  302  302  302  302  302  302  302
/email/take-back/asked                                   GET     200  200  200  200  200  200  200  200
/email/<str:secret>                                      GET     200  200  200  200  200  200  200  200
/email/<str:secret>                                      POST    302  302  302  302  302  302  302  302
/sign-up                                                 GET     200  302  302  302  302  302  302  302
/sign-up                                                 POST    302  302  302  302  302  302  302  302
/sign-in                                                 GET     200  302  302  302  302  302  302  302
/sign-in                                                 POST    302  302  302  302  302  302  302  302
/sign-in                                                 *       405  302  302  302  302  302  302  302
/sign-in/code                                            GET     302  302  302  302  302  302  302  302
/sign-in/code                                            POST    302  302  302  302  302  302  302  302
/sign-in/again                                           GET     302  200  200  200  200  200  200  200
/sign-in/again                                           POST    302  302  302  302  302  302  302  302
/security/factors                                        GET     302  200  200  200  200  200  200  200
/security/factors/app                                    GET     302  200  200  200  200  200  200  200
/security/factors/app                                    POST    302  200  200  200  200  200  200  200
/security/factors/app/remove                             GET     302  404  404  404  404  404  404  404
/security/factors/app/remove                             POST    302  404  404  404  404  404  404  404
/security/factors/passkey                                GET     302  200  200  200  200  200  200  200
/security/factors/passkey                                POST    302  200  200  200  200  200  200  200
/security/factors/passkeys/<int:passkey_id>/remove       GET     302  404  404  404  404  404  404  404
/security/factors/passkeys/<int:passkey_id>/remove       POST    302  404  404  404  404  404  404  404
/security/factors/recovery-codes                         GET     302  302  302  302  302  302  302  302
/security/factors/recovery-codes                         POST    302  302  302  302  302  302  302  302
/sign-out                                                GET     200  200  200  200  200  200  200  200
/sign-out                                                POST    302  302  302  302  302  302  302  302
/i18n/setlang/                                           *       302  302  302  302  302  302  302  302
/livez                                                   GET     200  200  200  200  200  200  200  200
/readyz                                                  GET     200  200  200  200  200  200  200  200
/healthz                                                 GET     200  200  200  200  200  200  200  200
/.well-known/security.txt                                GET     404  404  404  404  404  404  404  404
/api/                                                    *       404  404  404  404  404  404  404  404
/api/schema/                                             GET     200  200  200  200  200  200  200  200
/api/docs/                                               GET     200  200  200  200  200  200  200  200
"""

API: Final = """
                                                                 anon othr ownr supp oper appr audi supr
token                                                    POST    200  200  200  200  200  200  200  200
token                                                    DELETE  401  204  204  204  204  204  204  204
token                                                    *       405  405  405  405  405  405  405  405
tokens                                                   GET     401  200  200  200  200  200  200  200
tokens/<str:token_id>                                    DELETE  401  404  204  404  404  404  404  404
me                                                       GET     401  200  200  200  200  200  200  200
customers                                                GET     401  403  403  200  200  200  200  200
customers                                                POST    201  201  201  201  201  201  201  201
customers/<str:customer_id>                              GET     401  404  200  200  200  200  200  200
customers/<str:customer_id>                              PATCH   401  404  200  403  403  403  403  403
customers/<str:customer_id>/suspend                      POST    401  403  403  200  200  403  403  200
customers/<str:customer_id>/reinstate                    POST    401  403  403  200  200  403  403  200
customers/<str:customer_id>/erase                        POST    401  403  403  403  200  403  403  200
accounts                                                 GET     401  200  200  200  200  200  200  200
accounts                                                 POST    401  404  201  201  201  403  403  201
accounts/<str:account_id>                                GET     401  404  200  200  200  200  200  200
accounts/<str:account_id>/balance                        GET     401  404  200  200  200  200  200  200
accounts/<str:account_id>/daily-balances                 GET     401  404  200  200  200  200  200  200
accounts/<str:account_id>/entries                        GET     401  404  200  200  200  200  200  200
accounts/<str:account_id>/entries.csv                    GET     401  404  200  200  200  200  200  200
accounts/<str:account_id>/statements                     GET     401  404  200  200  200  200  200  200
accounts/<str:account_id>/statements/<str:period>        GET     401  404  200  200  200  200  200  200
accounts/<str:account_id>/statements/<str:period>.csv    GET     401  404  200  200  200  200  200  200
accounts/<str:account_id>/statements/<str:period>.pdf    GET     401  404  200  200  200  200  200  200
accounts/<str:account_id>/deposits                       POST    401  404  201  403  403  403  403  403
accounts/<str:account_id>/withdrawals                    POST    401  404  201  403  403  403  403  403
accounts/<str:account_id>/holds                          GET     401  404  200  200  200  200  200  200
accounts/<str:account_id>/holds                          POST    401  404  201  403  201  403  403  201
accounts/<str:account_id>/freeze                         POST    401  403  403  200  200  403  403  200
accounts/<str:account_id>/unfreeze                       POST    401  403  403  200  200  403  403  200
accounts/<str:account_id>/overdraft                      POST    401  403  403  403  200  403  403  200
accounts/<str:account_id>/limits                         POST    401  403  403  403  200  403  403  200
accounts/<str:account_id>/close                          POST    401  404  200  403  403  403  403  403
transfers                                                POST    401  404  201  403  403  403  403  403
transfers/<str:transfer_id>                              GET     401  404  200  200  200  200  200  200
holds/<str:hold_id>                                      GET     401  404  200  200  200  200  200  200
holds/<str:hold_id>/capture                              POST    401  404  201  403  201  403  403  201
holds/<str:hold_id>/release                              POST    401  404  200  403  200  403  403  200
entries/<str:entry_id>/reversal                          POST    401  403  403  403  201  403  403  201
approvals                                                GET     401  403  403  200  200  200  200  200
approvals                                                POST    401  403  403  403  201  403  403  201
approvals/<str:approval_id>                              GET     401  403  403  200  200  200  200  200
approvals/<str:approval_id>/approve                      POST    401  403  403  403  403  200  403  200
approvals/<str:approval_id>/refuse                       POST    401  403  403  403  403  200  403  200
approvals/<str:approval_id>/withdraw                     POST    401  403  403  403  200  403  403  403
bulk                                                     POST    401  404  200  403  403  403  403  403
commands/<path:key>                                      GET     401  404  200  200  200  200  200  200
commands/<uuid:command_id>/proof                         GET     401  404  200  200  200  200  200  200
accounts/<str:account_id>/statements/<str:period>/proof  GET     401  404  200  200  200  200  200  200
events/<str:position>/proof                              GET     401  404  200  200  200  200  200  200
heads                                                    GET     200  200  200  200  200  200  200  200
heads                                                    *       405  405  405  405  405  405  405  405
heads/consistency                                        GET     400  400  400  400  400  400  400  400
heads/consistency                                        *       405  405  405  405  405  405  405  405
events                                                   GET     401  403  403  200  200  200  200  200
events/stream                                            GET     401  403  403  200  200  200  200  200
streams/<str:category>/<str:stream_id>                   GET     401  403  403  200  200  200  200  200
trial-balance                                            GET     401  403  403  200  200  200  200  200
volumes                                                  GET     401  403  403  200  200  200  200  200
audit                                                    GET     401  403  403  200  200  200  200  200
projections                                              GET     401  403  403  200  200  200  200  200
"""

ADMIN: Final = """
                                                                 anon othr ownr supp oper appr audi supr
/admin/                                                  *       302  302  302  200  200  200  200  200
/admin/<app_label>/                                      *       302  302  302  200  200  200  200  200
/admin/<url>                                             *       302  302  302  404  404  404  404  404
/admin/r/<path:content_type_id>/<path:object_id>/        *       302  302  302  404  404  404  404  404
/admin/login/                                            GET     200  403  403  302  302  302  302  302
/admin/login/                                            HEAD    200  403  403  200  200  200  200  200
/admin/login/                                            POST    302  403  403  302  302  302  302  302
/admin/login/                                            PUT     200  403  403  200  200  200  200  200
/admin/login/                                            OPTIONS 200  403  403  200  200  200  200  200
/admin/login/                                            *       405  403  403  405  405  405  405  405
/admin/logout/                                           POST    302  302  302  302  302  302  302  302
/admin/logout/                                           OPTIONS 302  302  302  200  200  200  200  200
/admin/logout/                                           *       302  302  302  405  405  405  405  405
/admin/password_change/                                  GET     302  302  302  200  200  200  200  200
/admin/password_change/                                  POST    302  302  302  302  302  302  302  302
/admin/password_change/                                  PUT     302  302  302  200  200  200  200  200
/admin/password_change/                                  OPTIONS 302  302  302  200  200  200  200  200
/admin/password_change/                                  *       302  302  302  405  405  405  405  405
/admin/password_change/done/                             GET     302  302  302  200  200  200  200  200
/admin/password_change/done/                             OPTIONS 302  302  302  200  200  200  200  200
/admin/password_change/done/                             *       302  302  302  405  405  405  405  405
/admin/autocomplete/                                     GET     302  302  302  403  403  403  403  403
/admin/autocomplete/                                     OPTIONS 302  302  302  200  200  200  200  200
/admin/autocomplete/                                     *       302  302  302  405  405  405  405  405
/admin/jsi18n/                                           GET     302  302  302  200  200  200  200  200
/admin/jsi18n/                                           OPTIONS 302  302  302  200  200  200  200  200
/admin/jsi18n/                                           *       302  302  302  405  405  405  405  405
/admin/eventstore/event/catalogue/                       GET     302  302  302  200  200  200  200  200
/admin/eventstore/event/catalogue/                       *       302  302  302  403  403  403  403  403
/admin/eventstore/event/catalogue/<slug:document>.json   GET     302  302  302  200  200  200  200  200
/admin/eventstore/event/catalogue/<slug:document>.json   *       302  302  302  403  403  403  403  403
/admin/eventstore/event/catalogue/<str:stored_name>/     GET     302  302  302  200  200  200  200  200
/admin/eventstore/event/catalogue/<str:stored_name>/     *       302  302  302  403  403  403  403  403
/admin/analysis/                                         GET     302  302  302  302  302  302  302  302
/admin/analysis/                                         *       302  302  302  405  405  405  405  405
/admin/analysis/<slug:question>/                         GET     302  302  302  200  200  200  200  200
/admin/analysis/<slug:question>/                         *       302  302  302  405  405  405  405  405
/admin/analysis/<slug:question>.csv                      GET     302  302  302  200  200  200  200  200
/admin/analysis/<slug:question>.csv                      *       302  302  302  405  405  405  405  405
/admin/eventstore/event/live/                            GET     302  302  302  200  200  200  200  200
/admin/eventstore/event/live/                            *       302  302  302  403  403  403  403  403
/admin/eventstore/parked/retry/                          *       302  302  302  403  302  403  403  302
/admin/eventstore/parked/<path:object_id>/skip/          *       302  302  302  403  200  403  403  200
/admin/eventstore/parked/<path:object_id>/skip/          POST    302  302  302  403  302  403  403  302
"""

# Below /admin/{app}/{model}/: everything can be looked at, nothing can be changed.
MODEL: Final = """
                                                                 anon othr ownr supp oper appr audi supr
/                                                        GET     302  302  302  200  200  200  200  200
/                                                        *       302  302  302  403  403  403  403  403
/add/                                                    *       302  302  302  403  403  403  403  403
/<path:object_id>/                                       *       302  302  302  302  302  302  302  302
/<path:object_id>/change/                                GET     302  302  302  200  200  200  200  200
/<path:object_id>/change/                                *       302  302  302  403  403  403  403  403
/<path:object_id>/delete/                                *       302  302  302  403  403  403  403  403
/<path:object_id>/history/                               *       302  302  302  404  404  404  404  404
"""
MODELS: Final = (
    "accounts/user",
    *(f"eventstore/{name}" for name in ("command", "drill", "epoch", "event", "parked", "projection", "stream")),
    "eventstore/treehead",
    *(f"projections/{name}" for name in ("account", "approval", "auditline", "customer", "dailybalance", "entry")),
    *(f"projections/{name}" for name in ("hold", "journalleg", "statement", "volume")),
)
ACTIONS: Final[frozenset[str]] = frozenset()  # what can be done to many rows of a list at once

# Staff actions by name, below /admin/actions/. The operator is the one who asked for the approval.
STAFF_ACTION: Final = """
                                                                 anon othr ownr supp oper appr audi supr
suspend                                                  POST    302  302  302  302  302  403  403  302
reinstate                                                POST    302  302  302  302  302  403  403  302
erase                                                    POST    302  302  302  403  302  403  403  302
freeze                                                   POST    302  302  302  302  302  403  403  302
unfreeze                                                 POST    302  302  302  302  302  403  403  302
overdraft                                                POST    302  302  302  403  302  403  403  302
ask-overdraft                                            POST    302  302  302  403  302  403  403  302
limits                                                   POST    302  302  302  403  302  403  403  302
ask-adjustment                                           POST    302  302  302  403  302  403  403  302
reverse                                                  POST    302  302  302  403  302  403  403  302
ask-reversal                                             POST    302  302  302  403  302  403  403  302
capture                                                  POST    302  302  302  403  302  403  403  302
release                                                  POST    302  302  302  403  302  403  403  302
approve                                                  POST    302  302  302  403  403  302  403  302
refuse                                                   POST    302  302  302  403  403  302  403  302
withdraw                                                 POST    302  302  302  403  302  403  403  200
"""

Row = Mapping[str, int]  # kind of caller -> status
Rules = dict[str, dict[str, Row]]  # route -> method -> row


def rules() -> Rules:
    """The statuses for every kind of caller, by route and method."""
    found: Rules = {}
    for route, method, row in _lines():
        found.setdefault(route, {})[method] = row
    return {route: {method: _row(route, said, method) for method in METHODS} for route, said in found.items()}


def _row(route: str, said: Mapping[str, Row], method: str) -> Row:
    """The row of a method, or of `GET` for `HEAD`, or of `*`; else the statuses of a method that is not served."""
    like = said.get(method) or (said.get("GET") if method == "HEAD" else None) or said.get("*")
    strangers = 401 if route.startswith("/api/v1/") else 405
    return like or {kind: strangers if kind == "anonymous" else 405 for kind in KINDS}


def _lines() -> Iterator[tuple[str, str, Row]]:
    yield from _read(PAGES, "")
    yield from _read(API, "/api/v1/")
    yield from _read(ADMIN, "")
    for model in MODELS:
        yield from _read(MODEL, f"/admin/{model}")
    for route, method, row in _read(STAFF_ACTION, "/admin/actions/"):
        yield f"{route}/<uuid:object_id>/", method, row
        yield f"{route}/<uuid:object_id>/", "*", _form_before(row)


def _read(table: str, before: str) -> Iterator[tuple[str, str, Row]]:
    for line in table.strip().splitlines()[1:]:
        route, method, *statuses = line.split()
        yield f"{before}{route}", method, dict(zip(KINDS, map(int, statuses), strict=True))


def _form_before(row: Row) -> Row:
    """The statuses of the form that precedes a staff action."""
    return {kind: 200 if status == 302 and kind in STAFF else status for kind, status in row.items()}
