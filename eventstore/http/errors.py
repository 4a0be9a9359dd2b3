"""Errors over HTTP: one shape, `{code, message, field?, details?}`, and one status for each code.

A project adds the codes of its own refusals once, with `add_codes`.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, UnreadablePostError
from django.utils.log import log_response
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

from eventstore.backends.faults import Fault, fault_of
from eventstore.decider import Refusal, Refused
from eventstore.errors import PayloadRefused, RangeDetached
from eventstore.execution.refusals import sentence
from eventstore.http import trouble
from eventstore.http.bodies import BodyRefused

__all__ = [
    "TooLarge",
    "add_codes",
    "busy_response",
    "codes_of",
    "error_response",
    "exception_handler",
    "refusal_body",
    "refusal_response",
    "status_of",
]

DEFAULT_STATUS: Final = 422  # of a refusal whose code a project has not added

# The engine's own codes; the first one of a status stands for the framework's errors with that status.
_ENGINE_CODES: Final = {
    400: "MALFORMED",
    401: "NOT_SIGNED_IN",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "VERSION_CONFLICT",
    410: "ARCHIVED",
    413: "TOO_LARGE",
    415: "UNSUPPORTED_MEDIA",
    422: "IDEMPOTENCY_KEY_REUSED",
    428: "KEY_REQUIRED",
    429: "THROTTLED",
    500: "INTERNAL_ERROR",
    503: "RETRY_LATER",
}
_status_by_code: Final[dict[str, int]] = {code: status for status, code in _ENGINE_CODES.items()} | {"LOG_CHANGED": 409}


class TooLarge(exceptions.APIException):
    """The body of a request exceeds the limit."""

    status_code = 413


def add_codes(codes_by_status: Mapping[int, str]) -> None:
    """Declare with which status the codes of a project's refusals are answered; the codes are separated by spaces.

    Raises ValueError for a code that has another status already.
    """
    for status, codes in codes_by_status.items():
        for code in codes.split():
            known = _status_by_code.setdefault(code, status)
            if known != status:
                raise ValueError(f"{code} is answered with {known} already. Choose another code, or that status.")


def status_of(code: str) -> int:
    """The status that a code is answered with; raises LookupError for a code that nobody has added."""
    try:
        return _status_by_code[code]
    except KeyError:
        raise LookupError(f"No status is known for {code}. Add it with eventstore.http.errors.add_codes.") from None


def codes_of(status: int) -> list[str]:
    """The codes that are answered with a status, as far as they were added already."""
    return [code for code, known in _status_by_code.items() if known == status]


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """Answers an exception of any kind; what is the server's own fault is logged."""
    response = _answer(error)
    if response.status_code >= 500:
        _log(error, context["request"]._request, response)
    return response


def _answer(error: Exception) -> Response:
    match error:
        case Refused():
            return refusal_response(error.refusal)
        case exceptions.ValidationError():
            return _invalid(error)
        case exceptions.APIException():
            return _of_framework(error)
        case Http404():
            return error_response("NOT_FOUND", _("There is nothing at this address."))
        case PermissionDenied():
            return error_response("FORBIDDEN", _("You may not do this."))
        case RequestDataTooBig():
            return _too_large()
        case BodyRefused():
            return error_response(_ENGINE_CODES[error.status], error.message, field=error.field)
        case SuspiciousOperation() | BadRequest() | UnreadablePostError() | PayloadRefused():
            return error_response("MALFORMED", _("This request can't be read."))
        case RangeDetached():
            return _archived(error)
        case _:
            return _trouble(error)


def _trouble(error: Exception) -> Response:
    if fault := fault_of(error):
        return error_response("RETRY_LATER", _later(fault))
    return error_response("INTERNAL_ERROR", _("Something went wrong on our side. We have been told."))


def busy_response() -> Response:
    """The answer of a site that has too much to do."""
    return error_response("RETRY_LATER", _later(Fault.BUSY))


def _archived(error: RangeDetached) -> Response:
    """What lies in an archive alone; where that is, is told to those who run the site, not to the caller."""
    message = _("What this needs was moved into an archive. Whoever runs this site can bring it back.")
    details = {"store": error.store, "first": error.first, "last": error.last}
    return error_response("ARCHIVED", message, details=details)


def _later(fault: Fault) -> str:
    if fault == Fault.AWAY:  # perhaps in the very moment of the commit; the key makes sure of the rest
        return _("We lost the connection. Send this again, with the same key: what was done is not done twice.")
    if fault == Fault.NO_LIST:
        return _("The list of erasures can't be written now. Nobody was erased: send this again, with the same key.")
    if fault == Fault.RESTORING:
        return _("The site is being restored. Nothing was done: send this again later, with the same key.")
    return _("We are too busy just now. Nothing was done: send this again, with the same key.")


def refusal_response(refusal: Refusal, *, language: str | None = None) -> Response:
    """The answer to a command that was refused, in a language, or in that of the present request."""
    with override(language or get_language()):
        message = sentence(refusal)
    headers = {"Content-Language": language} if language else None
    return error_response(refusal.code, message, field=refusal.field, details=refusal.details, headers=headers)


def error_response(
    code: str,
    message: str,
    *,
    field: str | None = None,
    details: Mapping[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """An error in the one shape, with the status of its code."""
    if code == "RETRY_LATER":
        headers = {"Retry-After": trouble.RETRY_AFTER_SECONDS}
    status = _status_by_code.get(code, DEFAULT_STATUS)
    if status == 401:
        headers = {"WWW-Authenticate": "Token", **(headers or {})}
    return Response(_body(code, message, field, details), status=status, headers=headers)


def refusal_body(refusal: Refusal, *, language: str | None = None) -> dict[str, Any]:
    """The body of the answer to a command that was refused, as in `refusal_response`."""
    body: dict[str, Any] = refusal_response(refusal, language=language).data
    return body


def _body(code: str, message: str, field: str | None, details: Mapping[str, Any] | None) -> dict[str, Any]:
    body: dict[str, Any] = {"code": code, "message": message}
    if field:
        body["field"] = field
    if details:
        body["details"] = dict(details)
    return body


def _invalid(error: exceptions.ValidationError) -> Response:
    field, message = _first(error.detail)
    return error_response("MALFORMED", message, field=field)


def _first(detail: Any) -> tuple[str | None, str]:
    """The first complaint of a serializer, and the field that it names, if any."""
    if isinstance(detail, dict):
        name, inner = next(iter(detail.items()))
        return None if name == "non_field_errors" else str(name), _first(inner)[1]
    return (None, _first(detail[0])[1]) if isinstance(detail, list) else (None, str(detail))


def _of_framework(error: exceptions.APIException) -> Response:
    match error:
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            challenge = getattr(error, "auth_header", "Token")  # the view's first authentication class gives it
            return error_response("NOT_SIGNED_IN", str(error.detail), headers={"WWW-Authenticate": challenge})
        case exceptions.Throttled():
            seconds = math.ceil(getattr(error, "wait", None) or 1)
            return error_response("THROTTLED", str(error.detail), headers={"Retry-After": str(seconds)})
        case exceptions.NotFound():
            return error_response("NOT_FOUND", _("There is nothing at this address."))
        case TooLarge():
            return _too_large()
        case _:
            return error_response(_ENGINE_CODES[error.status_code], str(error.detail))


def _too_large() -> Response:
    return error_response("TOO_LARGE", _("This request is too large."))


def _log(error: Exception, request: HttpRequest, response: Response) -> None:
    """Logs the traceback and sends Django's signal; a reader that is ahead of a read model is no fault.

    A fault of the machine takes one line.
    """
    code = response.data["code"]
    if fault_of(error):
        trouble.log(request, response, error)
        return
    if code == "INTERNAL_ERROR":
        got_request_exception.send(sender=None, request=request)
    level = "info" if isinstance(error, Refused) else "error"
    log_response("%s: %s", code, request.path, response=response, request=request, level=level, exception=error)
