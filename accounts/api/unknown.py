"""Addresses at which there is nothing."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from accounts.api.endpoint import Endpoint


@extend_schema(exclude=True)
class UnknownAddressView(Endpoint):
    """Answers NOT_FOUND in the shape of all errors, to whoever calls and by whatever method."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """There is nothing to begin with."""
        super().initial(request, *args, **kwargs)
        raise Http404
