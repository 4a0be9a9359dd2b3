"""The sample project behind a server: bare views, to compare the site with."""

import json
from functools import partial
from uuid import uuid4

from benchmarks.contenders.http import LOCAL, Posting
from benchmarks.contenders.tidemark.sample import Sample
from benchmarks.contenders.worker import NOTE
from config.management.commands import serve

APPLICATION = "benchmarks.contenders.tidemark.wsgi:bridged"
WORKERS = 2


def granian(port: int, application: str) -> list[str]:
    """The site's own server, with an application of ours."""
    return [*serve.server(LOCAL, port, WORKERS)[:-1], application]


class Post(Sample, Posting):
    """Post to the view at `path`."""

    def prepare(self) -> None:
        """Make the tables and start the server."""
        super().prepare()
        self.start(partial(granian, application=APPLICATION))

    def request(self, key: str) -> tuple[str, str, bytes]:
        """A new purse is filled."""
        body = {"purse_id": str(uuid4()), "entry_id": str(uuid4()), "amount": 100, "note": NOTE}
        return self.task.options["path"], f"Idempotency-Key: {key}\r\n", json.dumps(body).encode()
