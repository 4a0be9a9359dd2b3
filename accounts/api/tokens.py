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

from accounts.api.endpoint import Endpoint, validated
from accounts.api.fields import StrictSerializer, Text
from accounts.api.schema import ALWAYS, errors
from accounts.api.throttles import FailedSignIns


class CredentialsSerializer(StrictSerializer):
    """What customers and members of staff sign in with."""

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
        operation_id="sign_in",
        summary="Sign in",
        description="Customers and members of staff. Failed attempts are counted, for each e-mail and address.",
        request=CredentialsSerializer,
        responses={200: TokenSerializer, **errors(f"{ALWAYS} NOT_SIGNED_IN TOO_LARGE UNSUPPORTED_MEDIA")},
        examples=[
            OpenApiExample(
                "Request", value={"email": "ada@example.org", "password": "correct horse battery"}, request_only=True
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Sign in."""
        self.query_params()
        given = validated(CredentialsSerializer, self.request_body())
        failed = FailedSignIns(request, given["email"])
        failed.must_be_few()
        user = authenticate(request, username=given["email"], password=given["password"])
        if user is None:
            failed.add()
            raise AuthenticationFailed(_("That e-mail and that password do not belong together."))
        return Response({"token": Token.objects.get_or_create(user=user)[0].key})
