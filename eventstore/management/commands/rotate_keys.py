"""`manage.py rotate_keys`: encrypts the keys of persons with a new master key."""

import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser
from django.db import Error

from eventstore.errors import EventStoreError
from eventstore.keys import rotation
from eventstore.keys.rotation import Outdated, Rotation
from eventstore.management.log_command import LogCommand
from eventstore.management.progress import progress_bar


class Command(LogCommand):
    help = (
        "Encrypt the keys of all persons with a new master key. Events are not touched, and the site stays live. First "
        "give every process both keys: PERSONAL_DATA_KEY is the new one, PERSONAL_DATA_KEYS_OLD names the old one "
        "(with PERSONAL_DATA_KEY_FILE, the new one is the first line). Then run this; killed half-way, it goes on "
        "where it stopped. When --check says that no row needs the old key, take it out of the settings, and destroy "
        "it once no backup needs it: what was erased can then be read in no older backup either. On PostgreSQL, run "
        "it as the owner of the tables. Exits with 1 if it could not be done, and with 3 if the key of a person is "
        "damaged, which is named and left as it is, or, with --check, if something is to be rotated."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say what is to be rotated; open every key")
        parser.add_argument("--json", action="store_true", help="print JSON, without a progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            before = rotation.outdated()
            total = rotation.count() if options["check"] else before.subjects
            with progress_bar(total, "keys", options) as done:
                found = rotation.verify(done) if options["check"] else rotation.rotate(done)
            left = rotation.outdated()
        except (EventStoreError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error
        except Error as error:
            raise CommandError(
                f"The database refused: {error}. What was done stays done; run it again, on PostgreSQL as the owner."
            ) from error
        self._print(found, left, as_json=options["json"])
        if found.damaged or (options["check"] and left):
            raise SystemExit(3)

    def _print(self, found: Rotation, left: Outdated, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(_report(found, left), indent=2))
            return
        if found.opened:
            self.stdout.write(f"The keys of {found.opened:,} persons can be opened.")
        if found.rewrapped:
            self.stdout.write(f"The keys of {found.rewrapped:,} persons were encrypted anew, under {found.master}.")
        for subject in found.named:
            self.stdout.write(f"damaged  the key of {subject}: restore its row of eventstore_subjectkey from a backup")
        if left.masters:
            self.stdout.write(f"Still needed: {', '.join(left.masters)}. Type: manage.py rotate_keys")
        elif left:
            self.stdout.write(
                f"The keys of {left.subjects:,} persons are under an older site key: manage.py rotate_keys"
            )
        else:
            self.stdout.write(f"No row needs another master key than {found.master}.")


def _report(found: Rotation, left: Outdated) -> dict[str, Any]:
    return {
        "master": found.master,
        "opened": found.opened,
        "rewrapped": found.rewrapped,
        "damaged": found.damaged,
        "damaged_subjects": [str(subject) for subject in found.named],
        "still_needed": list(left.masters),
        "to_rewrap": left.subjects,
    }
