"""Signing in: e-mail, password and second factor for a token; and one's own tokens, which one sees and ends."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth import authenticate
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import token_name_field
from accounts.users import security_log
from accounts.users.access import UserEndpoint
from accounts.users.attempts import TooManyAttempts
from accounts.users.factors import lacks_second_factor, use_code
from accounts.users.models import User
from accounts.users.sign_in_attempts import record_factor, sign_in_attempt, signed_in
from accounts.users.tokens import ApiToken, end_token, live_tokens, make_token
from eventstore.decider import Refused, phrase
from eventstore.http.endpoint import Endpoint, validated
from eventstore.http.fields import StrictSerializer, Text
from eventstore.http.openapi import COMMON_CODES, error_responses, path_parameter, query_operation
from eventstore.http.paging import Page, newest_first
from eventstore.http.query_views import ListView, PageByIdQuery

TAGS: Final = ["tokens"]


class TokenRequestSerializer(StrictSerializer):
    """The credentials of a customer or a member of staff."""

    email = Text()
    password = Text()
    name = token_name_field()
    otp = Text(required=False, help_text="Who has a second factor: six digits from the app, or a recovery code.")


class NewTokenSerializer(serializers.Serializer[Any]):
    """A new token, to be sent as the header `Authorization: Token …`. It is told here, and never again."""

    token = serializers.CharField()
    token_id = serializers.UUIDField(help_text="By which it is listed and ended; it opens nothing.")
    expires_at = serializers.DateTimeField()


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token, without its secret."""

    class Meta:
        model = ApiToken
        fields = ("token_id", "name", "created_at", "last_used_at", "expires_at")
        extra_kwargs = {"last_used_at": {"help_text": "To the minute; null if it was never used."}}


class CreateTokenView(Endpoint):
    """`POST token`."""

    door = "token"  # in the security log
    authentication_classes = ()  # a token that has expired must not be in the way of a new one
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="create_token",
        summary="Sign in",
        description="Customers and members of staff. Failed attempts are counted, by e-mail, by address, and by both. "
        "Who has a second factor sends a code of it too; without, or with a wrong one, a right password is answered "
        "SECOND_FACTOR_REQUIRED. So is that of a member of staff who has none, where the site asks for one. Each "
        "call makes another token. It ends at `expires_at`, or as soon as its owner's password, role or activity "
        "changes. One person has at most 100: then the longest unused one ends.",
        tags=TAGS,
        request=TokenRequestSerializer,
        responses={
            200: NewTokenSerializer,
            **error_responses(f"{COMMON_CODES} NOT_SIGNED_IN TOO_LARGE UNSUPPORTED_MEDIA"),
        },
        examples=[
            OpenApiExample(
                "Request",
                value={"email": "ada@example.org", "password": "correct horse battery", "name": "Bookkeeping"},
                request_only=True,
            )
        ],
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Answers a new token; raises AuthenticationFailed, and TooManyAttempts after too many failures.

        Only a right password learns that a second factor is needed.
        """
        self.query_params()
        credentials = validated(TokenRequestSerializer, self.request_body())
        user = self._user(credentials["email"], credentials["password"])
        self._must_give_second_factor(user, credentials.get("otp"))
        signed_in(request._request, user, door=self.door)
        made, token = make_token(user, credentials["name"])
        security_log.record("token.created", request._request, actor=user.actor, token_id=str(made.token_id))
        return Response({"token": token, "token_id": made.token_id, "expires_at": made.expires_at})

    def _user(self, email: str, password: str) -> User:
        with sign_in_attempt(self.request._request, email, door=self.door) as attempt:
            user = authenticate(self.request, username=email, password=password)
            if user is None:
                raise AuthenticationFailed(_("That e-mail and that password do not belong together."))
            attempt.succeed(user)
        return user

    def _must_give_second_factor(self, user: User, code: str | None) -> None:
        """Raises Refused SECOND_FACTOR_REQUIRED without a code that opens, TooManyAttempts after many wrong ones."""
        if lacks_second_factor(user):
            raise _required(phrase("Members of staff need a second factor here. Set one up on the site."))
        if not user.has_second_factor:
            return
        if code is None:
            raise _required(phrase("Send a code of your second factor as well: six digits, or a recovery code."))
        request = self.request._request
        try:
            is_right = use_code(user, code)
        except TooManyAttempts:
            record_factor("sign_in.throttled", request, user, door=self.door)
            raise
        if not is_right:
            record_factor("sign_in.failed", request, user, door=self.door)
            raise _required(phrase("This code is wrong, too old, or was used already."))


def _required(sentence: Any) -> Refused:
    return Refused("SECOND_FACTOR_REQUIRED", sentence, field="otp")


class EndSentTokenView(UserEndpoint):
    """`DELETE token`."""

    http_method_names = ["delete"]

    @extend_schema(
        operation_id="delete_token",
        summary="Sign out",
        description="Ends the token that is sent with this request. With a session instead there is none: NOT_FOUND.",
        tags=TAGS,
        responses={204: None, **error_responses(f"{COMMON_CODES} NOT_SIGNED_IN FORBIDDEN NOT_FOUND")},
    )
    def delete(self, request: Request) -> Response:
        """Ends the token; raises NotFound for a caller with a session."""
        self.query_params()
        return ended(request, self.user, request.auth)


@query_operation(
    "list_tokens",
    "List tokens",
    "One's own that are alive, without their secrets. Newest first.",
    tag="tokens",
)
class TokensView(UserEndpoint, ListView):
    """`GET tokens`."""

    query = PageByIdQuery
    serializer = TokenSerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The caller's own tokens."""
        return newest_first(live_tokens(self.user), "token_id", params.get("cursor"), params["limit"])


class EndTokenView(UserEndpoint):
    """`DELETE tokens/{token_id}`."""

    http_method_names = ["delete"]

    @extend_schema(
        operation_id="end_token",
        summary="End a token",
        description="One of one's own: from now on it opens nothing.",
        tags=TAGS,
        parameters=[path_parameter("token_id", "The `token_id` of a token.")],
        responses={204: None, **error_responses(f"{COMMON_CODES} NOT_SIGNED_IN FORBIDDEN NOT_FOUND")},
    )
    def delete(self, request: Request, token_id: str) -> Response:
        """Ends the token; raises NotFound if it is not the caller's, or not alive."""
        self.query_params()
        return ended(request, self.user, self.id_of("token_id"))


def ended(request: Request, user: Any, token_id: Any) -> Response:
    """The answer to who ends a token; raises NotFound."""
    if token_id is None or not end_token(user, token_id):
        raise NotFound
    security_log.record("token.ended", request._request, actor=user.actor, token_id=str(token_id))
    return Response(status=204)
