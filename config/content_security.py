"""The Content-Security-Policy of answers, which is one and the same for nearly all of them."""

from collections.abc import Callable

from csp import middleware
from csp.constants import HEADER, HEADER_REPORT_ONLY
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class CSPMiddleware(middleware.CSPMiddleware):
    """Puts the policy of the settings together once; django-csp does it for each answer, twice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        policies = {HEADER: build_policy(), HEADER_REPORT_ONLY: build_policy(report_only=True)}
        self.usual = {header: policy for header, policy in policies.items() if policy}

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer with its policy."""
        if settings.DEBUG or _is_special(request, response):
            return super().process_response(request, response)
        for header, policy in self.usual.items():
            response.headers.setdefault(header, policy)
        return response


def _is_special(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether the policy may be another one: a nonce was used, or a decorator of django-csp has left its mark."""
    return (
        response.streaming or hasattr(request, "_csp_nonce") or any(name.startswith("_csp") for name in vars(response))
    )
