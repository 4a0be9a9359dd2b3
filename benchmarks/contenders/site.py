"""`python -m benchmarks.contenders.site TASK`: the site itself at work, with its real settings."""

import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test import Client

from benchmarks.contenders.http import Posting
from benchmarks.contenders.worker import NOTE, Task, Work, serve

django.setup()


from accounts.services.ids import new_id  # noqa: E402
from accounts.users.models import User  # noqa: E402
from accounts.users.tokens import make_token  # noqa: E402
from benchmarks.contenders.tidemark.site import granian  # noqa: E402
from eventstore.models import Event  # noqa: E402
from eventstore.projecting import projections  # noqa: E402
from eventstore.projecting.rebuild import rebuild  # noqa: E402
from projections.models import Account, Entry  # noqa: E402
from projections.statements.issuance import issue  # noqa: E402
from tests.factories import AccountFactory  # noqa: E402
from tests.history import opened, paid_in, registered, utc  # noqa: E402

CLIENTS = 4
# The list looks at no more of an event than this; millions of real ones would take an hour to write.
MADE_UP = """
INSERT INTO eventstore_event
    (event_id, category, stream_id, version, type, schema_version, data, metadata, recorded_at, slot, digest)
SELECT gen_random_uuid(), 'account', md5((n %% 1000)::text)::uuid, 1 + n / 1000, 'account.money_deposited', 1,
    '{"amount": 100, "balance": 100, "reference": "Paid at the fish market on the quay, stall 12, with thanks."}',
    '{"actor": "system"}', now(), 0, sha256(n::text::bytea)
FROM generate_series(0, %s - 1) AS n
"""


class Deposit(Posting):
    """Post deposits by the API: each client to an account of their own."""

    def prepare(self) -> None:
        """Make customers with an account, and start the server."""
        call_command("migrate", verbosity=0)
        self._accounts.write_text(json.dumps([_account_and_token() for _ in range(CLIENTS)]))
        self.start(partial(granian, application="config.rsgi:application"))

    def begin(self) -> None:
        """Sign in."""
        super().begin()
        self.account, self.token = json.loads(self._accounts.read_text())[self.task.member]

    def request(self, key: str) -> tuple[str, str, bytes]:
        """A deposit of 1.00."""
        headers = f"Authorization: Token {self.token}\r\nContent-Type: application/json\r\nIdempotency-Key: {key}\r\n"
        body = {"amount": "1.00", "reference": NOTE}
        return f"/api/v1/accounts/{self.account}/deposits", headers, json.dumps(body).encode()

    @property
    def _accounts(self) -> Path:
        return Path(self.task.folder) / "accounts"


class Rebuild(Work):
    """Build all read models of the site anew, from a world of demo data."""

    def prepare(self) -> None:
        """Make the world."""
        call_command("migrate", verbosity=0)
        call_command("demo_data", customers=self.task.options["customers"], events=self.task.options["events"])

    def begin(self) -> None:
        """Counts the events of the world."""
        self.events = Event.objects.count()

    def once(self) -> int:
        """All read models, one pass."""
        rebuild(list(projections.values()), workers=self.task.options["workers"])
        return self.events


class Browse(Work):
    """Open the admin's list of events: the first page, or one `deep` in the log."""

    def prepare(self) -> None:
        """Makes a log of `events` events, and a superuser to see it."""
        call_command("migrate", verbosity=0)
        User.objects.create_superuser(email="staff@example.org", password=None)
        with connection.cursor() as cursor:
            cursor.execute(MADE_UP, [self.task.options["events"]])
            cursor.execute("ANALYZE")

    def begin(self) -> None:
        """Sign in."""
        settings.STATIC_ROOT = Path(self.task.folder) / "static"  # nobody else writes there
        call_command("collectstatic", interactive=False, verbosity=0)  # pages name their files by what is in them
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(User.objects.get())
        middle = self.task.options["events"] // 2
        self.path = "/admin/eventstore/event/" + (f"?after={middle}" if self.task.options["deep"] else "")

    def once(self) -> int:
        """One page."""
        assert self.client.get(self.path).status_code == 200
        return 1


class Download(Work):
    """Download a month of `entries` entries: as the CSV of its statement, or as that of the account's history."""

    def prepare(self) -> None:
        """Makes the entries, and issues the month."""
        call_command("migrate", verbosity=0)
        account = opened(registered(utc(2026, 1, 5)), utc(2026, 1, 10))
        paid_in(account, 100, utc(2026, 2, 1), NOTE)
        first = Entry.objects.get()
        later = (self._later(first, number) for number in range(1, self.task.options["entries"]))
        QuerySet[Entry](Entry).bulk_create(later, batch_size=5_000)  # real ones would take minutes
        issue()

    def begin(self) -> None:
        """Sign in."""
        account = Account.objects.get()
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(User.objects.get(customer_id=account.customer_id))
        self.path = f"/api/v1/accounts/{account.account_id}/{self.task.options['file']}"

    def once(self) -> int:
        """One file."""
        answer: Any = self.client.get(self.path)
        lines: int = sum(part.count(b"\n") for part in answer.streaming_content)
        assert lines > self.task.options["entries"]
        return lines

    def _later(self, entry: Entry, number: int) -> Entry:
        at = entry.recorded_at + timedelta(seconds=20 * number)
        changes = {"balance": 100 * (number + 1), "position": entry.position + number, "recorded_at": at}
        kept = {field.attname: getattr(entry, field.attname) for field in Entry._meta.concrete_fields}
        return Entry(**{**kept, **changes, "entry_id": new_id(), "effective_at": at})


def _account_and_token() -> tuple[str, str]:
    account: Account = AccountFactory.create()
    user = User.objects.get(customer_id=account.customer_id)
    return str(account.account_id), make_token(user)[1]


serve(Task.given(), {"post": Deposit, "rebuild": Rebuild, "browse": Browse, "download": Download})
