"""Where the extra is missing, the commands say what to install."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from eventstore.archive import places


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["archive", "restore"])
def test_the_remedy_is_named(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "find_spec", lambda name: None)
    with pytest.raises(CommandError, match=r"pip install 'django-tidemark\[archive\]'"):
        call_command(command, "anywhere")
