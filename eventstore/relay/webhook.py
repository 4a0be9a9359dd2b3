"""Webhooks: an HTTPS POST for each event, signed as standardwebhooks.com has it. Redirects are not followed."""

import base64
import binascii
import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

from eventstore.errors import DeliveryRefused, TargetUnavailable
from eventstore.integrity.others import Late, NoAnswer, post
from eventstore.relay.envelope import CONTENT_TYPE, Message
from eventstore.relay.options import Options

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what a secret begins with
MIN_SECRET_BYTES: Final = 24
BUSY: Final = frozenset({429, 502, 503, 504})  # what a proxy says of a receiver that is away, or has too much to do


class Webhook:
    """One receiver, which is sent one event after the other."""

    at_once = 1

    def __init__(self, options: Options) -> None:
        self._url = options.url
        self._key = _key(options)

    def send(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        """Post each message; any answer from 200 to 299 acknowledges it."""
        return [self._post(message) for message in messages]

    def close(self) -> None:
        """Nothing is kept open."""

    def _post(self, message: Message) -> Exception | None:
        try:
            answer = post(self._url, message.body, CONTENT_TYPE, headers=self._headers(message))
        except Late as error:
            return DeliveryRefused(str(error))
        except NoAnswer as error:
            return TargetUnavailable(str(error))
        if 200 <= answer.status < 300:
            return None
        said = f"The receiver answers {answer.status}."
        return TargetUnavailable(said) if answer.status in BUSY else DeliveryRefused(said)

    def _headers(self, message: Message) -> Mapping[str, str]:
        seconds = int(time.time())
        signature = signed(self._key, message.event_id, seconds, message.body)
        return {
            "webhook-id": str(message.event_id),
            "webhook-timestamp": str(seconds),
            "webhook-signature": f"v1,{signature}",
            **message.trace_headers,
        }


def signed(key: bytes, event_id: UUID, seconds: int, body: bytes) -> str:
    """The signature, in base64, of an id, a Unix time and a body; HMAC-SHA256."""
    return base64.b64encode(hmac.digest(key, f"{event_id}.{seconds}.".encode() + body, "sha256")).decode()


def _key(options: Options) -> bytes:
    try:
        key = base64.b64decode(options.secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if len(key) < MIN_SECRET_BYTES:
        raise ImproperlyConfigured(
            f"The webhook {options.name!r} of RELAY_TARGETS needs a secret, {SECRET_PREFIX} and base64 of at least "
            f"{MIN_SECRET_BYTES} random bytes, by which its receiver knows that an event comes from here."
        )
    return key
