"""Signing in: e-mail and password for a token."""

from typing import Any

from django.contrib.auth import authenticate
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.users.throttles import FailedSignIns
from eventstore.http.endpoint import Endpoint, validated
from eventstore.http.fields import StrictSerializer, Text
from eventstore.http.openapi import COMMON_CODES, error_responses


class TokenRequestSerializer(StrictSerializer):
    """The credentials of a customer or a member of staff."""

    email = Text()
    password = Text()


class TokenSerializer(serializers.Serializer[Any]):
    """A token, to be sent as the header `Authorization: Token …`."""

    token = serializers.CharField()


class CreateTokenView(Endpoint):
    """`POST token`."""

    authentication_classes = ()  # a token that has expired must not be in the way of a new one
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="create_token",
        summary="Sign in",
        description="Customers and members of staff. Failed attempts are counted, for each e-mail and address.",
        tags=["tokens"],
        request=TokenRequestSerializer,
        responses={
            200: TokenSerializer,
            **error_responses(f"{COMMON_CODES} NOT_SIGNED_IN TOO_LARGE UNSUPPORTED_MEDIA"),
        },
        examples=[
            OpenApiExample(
                "Request", value={"email": "ada@example.org", "password": "correct horse battery"}, request_only=True
            )
        ],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Answers the user's token; raises AuthenticationFailed, and Throttled after too many failures."""
        self.query_params()
        credentials = validated(TokenRequestSerializer, self.request_body())
        failed = FailedSignIns(request, credentials["email"])
        failed.must_be_few()
        user = authenticate(request, username=credentials["email"], password=credentials["password"])
        if user is None:
            failed.add()
            raise AuthenticationFailed(_("That e-mail and that password do not belong together."))
        return Response({"token": Token.objects.get_or_create(user=user)[0].key})
