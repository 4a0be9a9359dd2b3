"""The Content-Security-Policy header, computed once for all ordinary responses."""

from collections.abc import Callable

from csp import middleware
from csp.constants import HEADER, HEADER_REPORT_ONLY
from csp.utils import build_policy
from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase


class CSPMiddleware(middleware.CSPMiddleware):
    """Builds the policy of the settings once; django-csp builds it twice for each response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        policies = {HEADER: build_policy(), HEADER_REPORT_ONLY: build_policy(report_only=True)}
        self.usual = {header: policy for header, policy in policies.items() if policy}

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Adds the policy to a response."""
        if settings.DEBUG or _is_special(request, response):
            return super().process_response(request, response)
        for header, policy in self.usual.items():
            response.headers.setdefault(header, policy)
        return response


def _is_special(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether a response needs a policy of its own: a nonce was used, or a decorator of django-csp changed it."""
    return (
        (response.streaming and not isinstance(response, FileResponse))  # a file uses no nonce
        or hasattr(request, "_csp_nonce")
        or any(name.startswith("_csp") for name in vars(response))
    )
