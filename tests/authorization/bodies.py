"""The body and the address of a request to each route, valid, so that only the caller's rights decide."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import uuid4

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.staff_actions.actions import STAFF_ACTIONS
from accounts.users.email_links import Purpose, make_link
from accounts.users.models import User
from accounts.users.password_links import password_links
from eventstore.http.fields import as_id
from eventstore.models import Parked
from projections.models import Entry
from tests.authorization.routes import address_of
from tests.authorization.world import LEAVER, World
from tests.factories import PASSWORD

Body = dict[str, Any]
BodyOrBuilder = Body | Callable[[World], Body]

REASON: Final = {"reason": "Asked for by letter"}
MONEY: Final = {"amount": "0.10"}
PERSON: Final = {"name": "New Person", "email": "new@example.org", "timezone": "UTC"}
ACTION_AT: Final = re.compile(r"/admin/actions/([^/]+)/")
ROW_AT: Final = re.compile(r"/admin/(\w+)/(\w+)/<path:object_id>/")
SECRET: Final = "a long enough sentence"


def body_at(route: str, world: World) -> Body:
    """The body of a request to a route."""
    if found := ACTION_AT.match(route):
        return {"command_id": uuid4(), **REASON, **_ACTION_BODIES.get(found[1], {})}
    said: BodyOrBuilder = _BODIES.get(route, {})
    return said if isinstance(said, dict) else said(world)


def address_at(route: str, world: World) -> str:
    """The address of a route, with the ids of the owner's objects in its places."""
    instead = _OTHER_IDS.get(route)
    return address_of(route, {**world.ids, **_in_admin(route, world), **(instead(world) if instead else {})})


def _in_admin(route: str, world: World) -> dict[str, str]:
    """The subject of a staff action, or the first row of a table."""
    if found := ACTION_AT.match(route):
        return {"object_id": world.ids[f"{STAFF_ACTIONS[found[1]].subject}_id"]}
    if found := ROW_AT.match(route):
        row = apps.get_model(found[1], found[2])._default_manager.first()
        assert row, f"There is no {found[2]} in the world of these tests."
        return {"object_id": str(row.pk)}
    return {"app_label": "projections", "url": "nothing", "passkey_id": "1", "question": "balances", **_user_page()}


def _user_page() -> dict[str, str]:
    """The ids of a user in the admin's link to an object's page on the site, which no object has."""
    kind, user = ContentType.objects.get_for_model(User), User.objects.earliest("pk")
    return {"content_type_id": str(kind.pk), "object_id": str(user.pk)}


def _form(**fields: Any) -> Callable[[World], Body]:
    return lambda _world: {"command_id": uuid4(), **fields}


def _sign_in(world: World) -> Body:
    return {"email": world.people["owner"].email, "password": PASSWORD}


def _sign_in_by_form(world: World) -> Body:
    return {"username": world.people["owner"].email, "password": PASSWORD}


def _transfer(world: World) -> Body:
    accounts = {"from_account": world.ids["account_id"], "to_account": str(world.friends.account_id)}
    return {**MONEY, **accounts}


def _transfer_by_form(world: World) -> Body:
    return {"command_id": uuid4(), "step": "confirm", **_transfer(world)}


def _request(world: World) -> Body:
    payload = {"account_id": world.ids["account_id"], "amount": "-0.10"}
    return {"command": "AdjustBalance", "payload": payload, **REASON}


def _bulk(world: World) -> Body:
    item = {"path": f"accounts/{world.ids['account_id']}/deposits", "body": MONEY, "key": "one"}
    return {"mode": "atomic", "items": [item]}


_ACCOUNT: Final = "/api/v1/accounts/<str:account_id>"
_CUSTOMER: Final = "/api/v1/customers/<str:customer_id>"

_BODIES: Final[Mapping[str, BodyOrBuilder]] = {
    "/sign-up": lambda _: {"command_id": uuid4(), **PERSON, "password": SECRET},
    "/sign-in": _sign_in_by_form,
    "/sign-in/again": {"proof-password": PASSWORD},
    "/security/factors/app": {"code": "000000"},
    "/security/factors/passkey": {"name": "My phone", "passkey": "{}"},
    "/profile/password": {"old_password": PASSWORD, "new_password1": SECRET, "new_password2": SECRET},
    "/password-reset": lambda world: {"email": world.people["owner"].email},
    "/profile": _form(**PERSON, locale="en"),
    "/security/tokens": {"name": "Bookkeeping"},
    "/security/tokens/end": lambda world: {"token_id": world.ids["token_id"]},
    "/profile/email": {"send": "1"},
    "/email/take-back": {"email": "nobody@example.org"},
    "/email/<str:secret>": {"confirm": "1"},
    "/accounts/open": _form(currency="EUR"),
    "/accounts/<uuid:account_id>/rename": _form(label="Mine"),
    "/accounts/<uuid:account_id>/deposit": _form(**MONEY),
    "/accounts/<uuid:account_id>/withdraw": _form(**MONEY),
    "/transfer": _transfer_by_form,
    "/i18n/setlang/": {"language": "en"},
    "/admin/login/": lambda world: {"username": world.people["auditor"].email, "password": PASSWORD},
    "/admin/password_change/": {"old_password": PASSWORD, "new_password1": SECRET, "new_password2": SECRET},
    "/admin/eventstore/parked/retry/": {"which": "all"},
    "/admin/eventstore/parked/<path:object_id>/skip/": lambda _: {"position": Parked.objects.get().position, **REASON},
    "/api/v1/token": _sign_in,
    "/api/v1/customers": {**PERSON, "password": SECRET},
    _CUSTOMER: {"timezone": "Europe/Paris"},
    f"{_CUSTOMER}/suspend": REASON,
    f"{_CUSTOMER}/reinstate": REASON,
    f"{_CUSTOMER}/erase": REASON,
    "/api/v1/accounts": lambda world: {"currency": "EUR", "customer_id": world.ids["customer_id"]},
    f"{_ACCOUNT}/deposits": MONEY,
    f"{_ACCOUNT}/withdrawals": MONEY,
    f"{_ACCOUNT}/holds": MONEY,
    f"{_ACCOUNT}/freeze": {"scope": "debits", **REASON},
    f"{_ACCOUNT}/unfreeze": REASON,
    f"{_ACCOUNT}/overdraft": {"limit": "5.00", **REASON},
    f"{_ACCOUNT}/limits": {"per_entry": "5.00", **REASON},
    f"{_ACCOUNT}/close": {},
    "/api/v1/transfers": _transfer,
    "/api/v1/holds/<str:hold_id>/capture": MONEY,
    "/api/v1/holds/<str:hold_id>/release": REASON,
    "/api/v1/entries/<str:entry_id>/reversal": REASON,
    "/api/v1/approvals": _request,
    "/api/v1/approvals/<str:approval_id>/approve": {},
    "/api/v1/approvals/<str:approval_id>/refuse": REASON,
    "/api/v1/approvals/<str:approval_id>/withdraw": {},
    "/api/v1/bulk": _bulk,
}

_ACTION_BODIES: Final[Mapping[str, Body]] = {
    "erase": {"confirmation": LEAVER},
    "freeze": {"scope": "debits"},
    "overdraft": {"limit": "5"},
    "ask-overdraft": {"limit": "5"},
    "limits": {"per_entry": "5"},
    "ask-adjustment": {"amount": "-0.10"},
}


def _link(world: World) -> dict[str, str]:
    """The parts of an address by which somebody chooses a new password."""
    user = world.people["auditor"]
    return {"uidb64": urlsafe_base64_encode(force_bytes(user.pk)), "token": password_links.make_token(user)}


def _event(world: World) -> dict[str, str]:
    """The position of the event of the owner's entry; for another id one that there is not, for none at all none."""
    entry_id = as_id(world.ids["entry_id"])
    entry = Entry.objects.filter(entry_id=entry_id).first() if entry_id else None
    return {"position": str(entry.position if entry else 10**12) if entry_id else "nonsense"}


_OTHER_IDS: Final[Mapping[str, Callable[[World], dict[str, str]]]] = {
    "/password-reset/<uidb64>/<token>": _link,
    f"{_ACCOUNT}/close": lambda world: {"account_id": str(world.spare.account_id)},
    "/api/v1/events/<str:position>/proof": _event,
    "/api/v1/commands/<uuid:command_id>/proof": lambda world: {"command_id": world.ids["key"]},
    f"{_CUSTOMER}/erase": lambda world: {"customer_id": str(world.leaver.customer_id)},
    "/email/<str:secret>": lambda world: {"secret": make_link(Purpose.OWN, world.leaver)},
    "/admin/actions/erase/<uuid:object_id>/": lambda world: {"object_id": str(world.leaver.customer_id)},
}
