"""Tokens: made by POST token, seen at GET tokens, ended by DELETE; and what they outlive, and what not."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.users.models import User
from accounts.users.tokens import MAX_TOKENS, ApiToken, make_token
from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.factories import PASSWORD, StaffFactory, owner_of

CREDENTIALS = {"email": "ada@example.org", "password": PASSWORD}
NOT_SIGNED_IN = (401, "NOT_SIGNED_IN", None)
NOT_FOUND = (404, "NOT_FOUND", None)


def sign_in(stranger: Caller, **more: Any) -> Answer:
    answer = stranger.post("token", {**CREDENTIALS, **more}, key=None)
    assert answer.status == 200, answer.body
    return answer


def end(caller: Caller, path: str) -> Answer:
    return caller.send("DELETE", f"/api/v1/{path}")


def names(caller: Caller, **query: Any) -> list[str]:
    return [row["name"] for row in caller.get("tokens", **query).body["results"]]


class TestMaking:
    """POST token."""

    def test_a_token_says_its_kind_its_id_and_its_end(self, stranger: Caller, adas: Account) -> None:
        made = sign_in(stranger).body
        assert made.keys() == {"token", "token_id", "expires_at"}
        assert re.fullmatch(r"tmk_[A-Za-z0-9_-]{43}", made["token"])
        left = datetime.fromisoformat(made["expires_at"]) - timezone.now()
        assert timedelta(days=29, hours=23) < left <= timedelta(days=30)

    def test_each_sign_in_makes_another_one(self, stranger: Caller, adas: Account) -> None:
        first, second = (sign_in(stranger).body["token"] for _ in range(2))
        assert first != second
        assert {Caller(token).get("me").status for token in (first, second)} == {200}

    def test_the_answer_is_kept_by_nobody(self, stranger: Caller, adas: Account) -> None:
        assert sign_in(stranger).headers["Cache-Control"] == "no-store"

    def test_it_is_nowhere_in_the_database(self, stranger: Caller, adas: Account) -> None:
        token = sign_in(stranger, name="a name to find").body["token"]
        rows = str(list(ApiToken.objects.values_list()))
        assert "a name to find" in rows
        assert token not in rows
        assert token.removeprefix("tmk_") not in rows

    @pytest.mark.parametrize("name", ["x" * 101, "a\0b", "a\nb", "\u202eabc", 5, None])
    def test_a_name_is_text_as_any_other(self, stranger: Caller, adas: Account, name: Any) -> None:
        answer = stranger.post("token", {**CREDENTIALS, "name": name}, key=None)
        assert answer.refusal == (400, "MALFORMED", "name")

    def test_the_end_is_set_by_the_site(self, stranger: Caller, adas: Account, settings: LazySettings) -> None:
        settings.TOKEN_DAYS = 1
        left = datetime.fromisoformat(sign_in(stranger).body["expires_at"]) - timezone.now()
        assert left <= timedelta(days=1)

    def test_of_too_many_the_longest_unused_ends(self, adas: Account) -> None:
        owner, now = owner_of(adas.account_id), timezone.now()
        tokens = [make_token(owner)[0] for _ in range(MAX_TOKENS)]
        ApiToken.objects.update(last_used_at=now)
        ApiToken.objects.filter(pk=tokens[7].pk).update(last_used_at=now - timedelta(days=1))
        made, _ = make_token(owner)
        left = set(ApiToken.objects.values_list("pk", flat=True))
        assert left == {token.pk for token in [*tokens, made]} - {tokens[7].pk}

    def test_what_has_expired_is_cleared_away(self, adas: Account) -> None:
        old, _ = make_token(StaffFactory.create())
        ApiToken.objects.update(expires_at=timezone.now())
        make_token(owner_of(adas.account_id))
        assert not ApiToken.objects.filter(pk=old.pk).exists()


class TestSeeing:
    """GET tokens."""

    def test_one_sees_ones_own(self, ada: Caller, bob: Caller, stranger: Caller) -> None:
        made = sign_in(stranger, name=" Bookkeeping ").body
        row, _ = ada.get("tokens").body["results"]
        assert row == {
            "token_id": made["token_id"],
            "name": "Bookkeeping",
            "created_at": row["created_at"],
            "last_used_at": None,
            "expires_at": made["expires_at"],
        }
        assert names(bob) == [""]

    def test_it_is_a_list_as_any_other(self, ada: Caller, stranger: Caller) -> None:
        for name in ("one", "two", "three"):
            sign_in(stranger, name=name)
        first = ada.get("tokens", limit=2).body
        assert first.keys() == {"results", "next", "position", "cursor"}
        assert [row["name"] for row in first["results"]] == ["three", "two"]
        second = ada.get(first["next"]).body
        assert [row["name"] for row in second["results"]] == ["one", ""]
        assert second["next"] is None

    def test_what_opens_nothing_is_not_listed(self, ada: Caller, adas: Account, stranger: Caller) -> None:
        make_token(owner_of(adas.account_id), "expired")
        ApiToken.objects.filter(name="expired").update(expires_at=timezone.now())
        make_token(owner_of(adas.account_id), "older")
        ApiToken.objects.filter(name="older").update(access_hash="of an older password")
        assert names(ada) == [""]

    def test_its_use_is_noted(self, stranger: Caller, adas: Account) -> None:
        token = sign_in(stranger).body["token"]
        before = timezone.now()
        (row,) = Caller(token).get("tokens").body["results"]
        assert datetime.fromisoformat(row["last_used_at"]) >= before

    def test_a_session_sees_them_too(self, adas: Account) -> None:
        client = Client()
        client.force_login(owner_of(adas.account_id))
        make_token(owner_of(adas.account_id), "Bookkeeping")
        assert names(Caller(client=client)) == ["Bookkeeping"]


class TestEnding:
    """DELETE token, and DELETE tokens/{token_id}."""

    def test_the_one_that_is_sent(self, ada: Caller, stranger: Caller) -> None:
        other = Caller(sign_in(stranger).body["token"])
        answer = end(ada, "token")
        assert (answer.status, answer.raw) == (204, b"")
        assert ada.get("me").refusal == NOT_SIGNED_IN
        assert other.get("me").status == 200

    def test_one_of_ones_own(self, ada: Caller, stranger: Caller) -> None:
        made = sign_in(stranger).body
        assert end(ada, f"tokens/{made['token_id']}").status == 204
        assert Caller(made["token"]).get("me").refusal == NOT_SIGNED_IN
        assert end(ada, f"tokens/{made['token_id']}").refusal == NOT_FOUND

    def test_anothers_is_not_found_and_lives_on(self, ada: Caller, bobs: Account) -> None:
        made, token = make_token(owner_of(bobs.account_id))
        assert end(ada, f"tokens/{made.token_id}").refusal == NOT_FOUND
        assert Caller(token).get("me").status == 200

    @pytest.mark.parametrize("token_id", ["01a22c30-3c64-75ea-ad46-748c4b1f11b1", "x", "1", "%00", "tmk_x", "é"])
    def test_what_there_is_not_is_not_found(self, ada: Caller, token_id: str) -> None:
        assert end(ada, f"tokens/{token_id}").refusal == NOT_FOUND

    def test_a_session_sends_none(self, adas: Account) -> None:
        client = Client()
        client.force_login(owner_of(adas.account_id))
        assert end(Caller(client=client), "token").refusal == NOT_FOUND

    def test_a_session_needs_the_csrf_token(self, adas: Account) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(owner_of(adas.account_id))
        made, token = make_token(owner_of(adas.account_id))
        address = f"/api/v1/tokens/{made.token_id}"
        assert Caller(client=client).send("DELETE", address).refusal == (403, "FORBIDDEN", None)
        client.get("/profile")
        headers = {"X-CSRFToken": client.cookies["csrftoken"].value}
        assert Caller(client=client).send("DELETE", address, headers=headers).status == 204
        assert Caller(token).get("me").status == 401

    def test_a_query_that_means_nothing_ends_nothing(self, ada: Caller) -> None:
        assert end(ada, "token?all=1").refusal == (400, "MALFORMED", "all")
        assert ada.get("me").status == 200


class TestLife:
    """What ends a token by itself, and what does not."""

    def test_its_time(self, ada: Caller) -> None:
        ApiToken.objects.update(expires_at=timezone.now())
        assert ada.get("me").refusal == NOT_SIGNED_IN

    def test_a_new_password(self, ada: Caller, adas: Account) -> None:
        owner = owner_of(adas.account_id)
        owner.set_password("another horse battery")
        owner.save()
        assert ada.get("me").refusal == NOT_SIGNED_IN
        owner.set_password(PASSWORD)
        owner.save()
        assert ada.get("me").refusal == NOT_SIGNED_IN

    def test_deactivation_also_if_it_is_taken_back(self, ada: Caller, adas: Account) -> None:
        for is_active in (False, True):
            User.objects.filter(pk=owner_of(adas.account_id).pk).update(is_active=is_active)
            assert ada.get("me").refusal == NOT_SIGNED_IN

    def test_a_new_role(self, auditor: Caller) -> None:
        assert auditor.get("audit").status == 200
        User.objects.get(is_staff=True).groups.add(Group.objects.get(name="operator"))
        assert auditor.get("audit").refusal == NOT_SIGNED_IN

    def test_a_stronger_hash_of_the_same_password_ends_nothing(
        self, ada: Caller, adas: Account, stranger: Caller, settings: LazySettings
    ) -> None:
        settings.PASSWORD_HASHERS = ["tests.hashers.BetterHasher", *settings.PASSWORD_HASHERS]
        sign_in(stranger)
        assert identify_hasher(owner_of(adas.account_id).password).algorithm == "better"
        assert ada.get("me").status == 200

    def test_a_new_secret_key_ends_nothing_while_the_old_one_is_a_fallback(
        self, stranger: Caller, adas: Account, settings: LazySettings
    ) -> None:
        caller = Caller(sign_in(stranger).body["token"])
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another one"
        assert caller.get("me").status == 200
        settings.SECRET_KEY_FALLBACKS = []
        assert caller.get("me").status == 200, "its use with the fallback renewed it"

    def test_a_new_secret_key_alone_ends_it(self, ada: Caller, settings: LazySettings) -> None:
        settings.SECRET_KEY = "another one"
        assert ada.get("me").refusal == NOT_SIGNED_IN


class TestLookingUp:
    """What a call costs."""

    def test_one_query_tells_who_calls(self, ada: Caller) -> None:
        with CaptureQueriesContext(connection) as queries:
            ada.get("nothing-that-is-there")
            assert ada.get("tokens/x").status == 405
        assert len(queries) == 1

    @pytest.mark.parametrize(
        "text", ["x", "é", "tmk_", "tmk_" + "a" * 42, "tmk_" + "a" * 44, "A" * 40, "a b", "0" * 5_000, "'; DROP TABLE"]
    )
    def test_what_can_be_no_token_is_not_looked_up(self, db: None, text: str) -> None:
        with CaptureQueriesContext(connection) as queries:
            assert Caller(text).get("me").refusal == NOT_SIGNED_IN
        assert len(queries) == 0

    def test_its_use_is_written_once_a_minute(self, stranger: Caller, adas: Account) -> None:
        caller = Caller(sign_in(stranger).body["token"])
        caller.get("me")
        used = ApiToken.objects.get().last_used_at
        caller.get("me")
        assert ApiToken.objects.get().last_used_at == used
        ApiToken.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
        caller.get("me")
        again = ApiToken.objects.get().last_used_at
        assert used
        assert again
        assert again > used
