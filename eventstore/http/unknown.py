"""The answer at addresses that no view serves."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from eventstore.http.endpoint import Endpoint

__all__ = ["UnknownAddressView"]


@extend_schema(exclude=True)
class UnknownAddressView(Endpoint):
    """Answers NOT_FOUND in the shape of all errors, to every caller and by every method."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises Http404 before a method is looked up."""
        super().initial(request, *args, **kwargs)
        raise Http404
