"""Passkeys (WebAuthn): what the browser is asked for, and the check of what it answers.

The browser's answer comes back in a field of an ordinary form. Challenges lie in the session, and each serves once.
"""

import json
from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.http import HttpRequest
from django.http.request import split_domain_port
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential
from webauthn.helpers.exceptions import WebAuthnException

from accounts.users.models import User

NEW: Final = "new_passkey_challenge"
KNOWN: Final = "passkey_challenge"
LONGEST: Final = 20_000  # characters of an answer; real ones have about a thousand

T = TypeVar("T")


class PasskeyRefused(Exception):
    """The browser's answer proves nothing: it is none, was sent before, or is another user's."""


class SiteHelper(WebAuthnHelper):  # type: ignore[misc]
    """The library's ceremonies, for the host that the browser asked, which ALLOWED_HOSTS has let in."""

    def get_relying_party_domain(self) -> str:
        """The host without its port: a passkey belongs to it for ever."""
        return relying_party(self.request)

    def get_allowed_origins(self) -> list[str]:
        """The site alone."""
        return [f"{self.request.scheme}://{self.request.get_host()}"]

    def create_attestation(self, credential: Any, attestation_object: bytes, client_data_json: bytes) -> None:
        """Stores nothing about the maker of the authenticator, for which we don't ask."""


def relying_party(request: HttpRequest) -> str:
    """The domain that passkeys are made for."""
    return split_domain_port(request.get_host())[0]


def ask_for_new(request: HttpRequest, user: User) -> str:
    """The options with which a browser makes a new passkey, as JSON."""
    options, request.session[NEW] = SiteHelper(request).register_begin(user)
    return json.dumps(options)


def new_passkey(request: HttpRequest, user: User, answer: str) -> WebAuthnCredential:
    """The passkey that a browser has made, not yet stored; raises PasskeyRefused."""
    kept: list[WebAuthnCredential] = []

    class Unsaved(SiteHelper):
        def create_credential(self, *args: Any, **kwargs: Any) -> Any:
            kept.append(super().create_credential(*args, **kwargs))
            return _Unsaved()

    _in_ceremony(request, NEW, answer, lambda state, data: Unsaved(request).register_complete(user, state, data))
    return kept[0]


class _Unsaved:
    """Takes the place of a credential that is stored later, together with what follows from it."""

    def save(self) -> None:
        """Nothing yet."""


def ask(request: HttpRequest, user: User) -> str:
    """The options with which a browser answers by one of the user's passkeys, as JSON."""
    options, request.session[KNOWN] = SiteHelper(request).authenticate_begin(user, require_user_verification=False)
    return json.dumps(options)


def is_proven(request: HttpRequest, user: User, answer: str) -> bool:
    """Whether a browser has answered by one of the user's passkeys."""
    try:
        device = _in_ceremony(
            request, KNOWN, answer, lambda state, data: SiteHelper(request).authenticate_complete(user, state, data)
        )
    except PasskeyRefused:
        return False
    return bool(device.confirmed)


def _in_ceremony(request: HttpRequest, key: str, answer: str, complete: Callable[[Any, Any], T]) -> T:
    state = request.session.pop(key, None)
    if state is None or len(answer) > LONGEST:
        raise PasskeyRefused
    try:
        data = json.loads(answer)
        if not isinstance(data, dict):
            raise PasskeyRefused
        return complete(state, data)
    # The library checks the structure only in part: what it trips over was not made by a browser.
    except (
        WebAuthnException,
        OTPWebAuthnApiError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as e:
        raise PasskeyRefused from e
