"""Names and e-mails stand in clear for those who may see them, and for nobody once the person is erased."""

from typing import Final

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client

from accounts.users.models import User
from accounts.users.roles import Role
from eventstore import personal
from eventstore.models import Command, Event, SubjectKey
from tests.admin.conftest import World, customer_id
from tests.admin.pages import read, statements
from tests.factories import StaffFactory

NAME: Final = "Ada Lovelace"


def pages(world: World) -> list[str]:
    """The event and the command that hold Ada's name."""
    event = Event.objects.get(stream_id=customer_id(world.ada))
    command = Command.objects.get(command_id=event.metadata["command_id"])
    return [f"eventstore/event/{event.position}/change/", f"eventstore/command/{command.number}/change/"]


@pytest.mark.parametrize("role", [*Role, "superuser"])
def test_every_role_may_see_them(client: Client, world: World, role: str) -> None:
    client.force_login(StaffFactory.create(role=role))
    for page in pages(world):
        assert f"name {NAME} personal" in read(client, page)


def test_who_may_only_look_at_the_log_may_not(client: Client, world: World, newcomer: User) -> None:
    newcomer.user_permissions.set(Permission.objects.filter(codename__in=["view_event", "view_command"]))
    client.force_login(newcomer)
    for page in pages(world):
        with statements() as found:
            text = read(client, page)
        assert "name You may not see this. personal" in text
        assert NAME not in text
        assert not [sql for sql in found if "subjectkey" in sql], "what is not shown is not decrypted"


def test_the_erased_are_shown_as_erased(staff: Client, world: World) -> None:
    personal.erase(customer_id(world.ada))
    with connection.cursor() as cursor:  # as the event does
        cursor.execute("UPDATE projections_customer SET name = NULL, email = NULL")
    for page in pages(world):
        text = read(staff, page)
        assert "name The key to this is deleted. erased" in text
        assert NAME not in text


def test_what_can_t_be_decrypted_is_shown_as_damaged_and_not_as_erased(staff: Client, world: World) -> None:
    SubjectKey.objects.filter(pk=customer_id(world.ada)).update(wrapped=b"damaged")
    for page in pages(world):
        assert "name This can't be decrypted: manage.py doctor says why. damaged" in read(staff, page)


@pytest.mark.parametrize("model", ["subjectkey", "sitekey"])
def test_keys_are_not_in_the_admin(staff: Client, world: World, model: str) -> None:
    assert staff.get(f"/admin/eventstore/{model}/").status_code == 404
