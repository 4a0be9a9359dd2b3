"""Time stamps of heads by others, as RFC 3161 has them: that a note was there at a time, whoever owns this database."""

import hashlib
from typing import Final

from django.conf import settings

from eventstore.integrity.others import NoAnswer, post

__all__ = ["stamp"]

QUERY: Final = "application/timestamp-query"
GRANTED: Final = (0, 1)  # PKIStatus: granted, granted with modifications


def stamp(note: str) -> bytes | None:
    """A time stamp token over the SHA-256 of a note, as DER; None if the settings name nobody to ask.

    That it is over this note, and was asked for now, is checked here; whose it is, by who verifies it. Raises NoAnswer.
    """
    url = str(getattr(settings, "SEAL_TIMESTAMP_URL", ""))
    if not url:
        return None
    from rfc3161_client import (  # noqa: PLC0415 - an extra, for those who ask for time stamps
        HashAlgorithm,
        TimestampRequestBuilder,
        decode_timestamp_response,
    )

    data = note.encode()
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = post(url, request.as_bytes(), QUERY)
    try:
        response = decode_timestamp_response(answer.content)
        if response.status not in GRANTED:
            raise NoAnswer(f"{url} grants no time stamp: {', '.join(response.status_string) or response.status}.")
        info = response.tst_info
        is_ours = info.message_imprint.message == hashlib.sha256(data).digest() and info.nonce == request.nonce
        token = response.time_stamp_token()
    except ValueError as error:
        raise NoAnswer(f"{url} answered with status {answer.status} and no time stamp: {error}") from error
    if not is_ours:
        raise NoAnswer(f"{url} has stamped something else than what it was asked to.")
    return token
