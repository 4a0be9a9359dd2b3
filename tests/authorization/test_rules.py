"""Every route, model and action has a rule."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest

from accounts.staff_actions.actions import STAFF_ACTIONS
from tests.authorization.routes import routes
from tests.authorization.rules import ACTIONS, MODELS, STAFF_ACTION, rules
from tests.authorization.world import World


def test_each_route_has_a_rule_and_each_rule_a_route() -> None:
    declared, there = set(rules()), routes()
    assert there - declared == set(), "These routes have no rule: say in rules.py who may."
    assert declared - there == set(), "These rules have no route."


def test_each_model_and_each_staff_action_of_the_admin_has_a_rule() -> None:
    assert {model._meta.label_lower.replace(".", "/") for model in admin.site._registry} == set(MODELS)
    assert set(STAFF_ACTIONS) == {line.split()[0] for line in STAFF_ACTION.strip().splitlines()[1:]}


@pytest.mark.parametrize("listed", admin.site._registry.values(), ids=str)
def test_each_action_on_lists_of_the_admin_is_declared(world: World, listed: "ModelAdmin[Any]") -> None:
    request = HttpRequest()
    request.user = world.people["superuser"]
    assert set(listed.get_actions(request)) == ACTIONS
