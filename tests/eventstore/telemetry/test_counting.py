"""What processes count: by type and outcome, in files that are added up once a process has ended."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from prometheus_client import values
from prometheus_client.parser import text_string_to_metric_families as families
from pytest_django.fixtures import Settings

from eventstore.execute import CommandRequest, execute, execute_many
from eventstore.projecting.runner import Runner
from eventstore.telemetry import configured, count_files, hooks, observe_by
from eventstore.telemetry.count_files import fold_ended
from eventstore.telemetry.counting import VARIABLE, Counting
from eventstore.telemetry.exporter import exposition
from tests.eventstore.relay.fakes import Fake, relay_to
from tests.eventstore.sample import Count
from tests.eventstore.sample_projections import UNLUCKY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample"), pytest.mark.once("it counts what others do")]

TALLY = UUID(int=1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where this process counts, during a test."""
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    monkeypatch.setattr(os, "register_at_fork", lambda **_: None)
    monkeypatch.setenv(VARIABLE, "")
    observe_by(Counting(str(tmp_path)))
    yield tmp_path
    observe_by()
    end_process()


def end_process() -> None:
    """Let go of the files, as the kernel does when a process ends."""
    for held in count_files._held:
        held.close()
    count_files._held.clear()


def counted(folder: Path) -> dict[str, float]:
    """What a scrape brings, without buckets, the log's own figures and what is 0."""
    text = exposition(folder, found=[])[0].decode()
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in families(text)
        for sample in family.samples
        if sample.value and not sample.name.endswith(("_bucket", "_sum", "_created"))
    }


def count(amount: int = 1, key: str = "", *, dry_run: bool = False) -> None:
    execute(Count(TALLY, amount), key or uuid4(), actor="ann", dry_run=dry_run)


def test_commands_by_type_and_outcome(folder: Path) -> None:
    count(1, "a")
    count(1, "a")
    count(1_000)
    count(dry_run=True)
    with pytest.raises(ArithmeticError):
        execute(Count(TALLY, 1), "b", actor="ann", in_transaction=fail)
    requests = [CommandRequest(command=Count(TALLY, amount), key=str(uuid4()), actor="ann") for amount in (1, 2, 1_000)]
    execute_many(requests)
    found = counted(folder)
    kind = "'tally.count'"
    assert found == {
        f"tidemark_commands_total['accepted', {kind}]": 3,
        f"tidemark_commands_total['replayed', {kind}]": 1,
        f"tidemark_commands_total['refused', {kind}]": 2,
        f"tidemark_commands_total['rehearsed', {kind}]": 1,
        f"tidemark_commands_total['failed', {kind}]": 1,
        f"tidemark_command_seconds_count[{kind}]": 5,
        "tidemark_command_batch_seconds_count[]": 1,
    }


def fail() -> None:
    raise ArithmeticError


def test_what_runners_take_in_and_relays_deliver(folder: Path) -> None:
    relay_to(Fake(refuses=lambda message: message.body.count(b'"amount":5') > 0))
    count(1)
    count(5)
    Runner(["lines", "relay-bus"]).catch_up()
    count(UNLUCKY)
    Runner(["lines"]).catch_up()
    found = {name: number for name, number in counted(folder).items() if "command" not in name}
    assert found == {
        "tidemark_projected_events_total['lines', 'read']": 2,
        "tidemark_projected_events_total['failed', 'lines']": 1,
        "tidemark_deliveries_total['bus', 'delivered']": 1,
        "tidemark_deliveries_total['bus', 'refused']": 1,
    }


def test_requests_and_retries(folder: Path) -> None:
    hooks.request(RequestFactory().get("/"), lambda: HttpResponse(status=404))
    hooks.request(RequestFactory().generic("BREW", "/"), HttpResponse)
    hooks.retried()
    assert counted(folder) == {
        "tidemark_http_requests_total['404', 'GET']": 1,
        "tidemark_http_requests_total['200', 'other']": 1,
        "tidemark_http_request_seconds_count['GET']": 1,
        "tidemark_http_request_seconds_count['other']": 1,
        "tidemark_retries_total[]": 1,
    }


def test_what_a_process_counted_stays_when_it_has_ended(folder: Path) -> None:
    count()
    before, own = counted(folder), {file.name for file in folder.iterdir()}
    fold_ended(folder)
    assert {file.name for file in folder.iterdir()} == own, "it is alive"
    end_process()
    assert counted(folder) == before
    assert {file.name for file in folder.iterdir()} == {"counter_ended.db", "histogram_ended.db"}
    for kind in ("counter", "histogram"):
        (folder / f"{kind}_elsewhere-7.db").write_bytes((folder / f"{kind}_ended.db").read_bytes())
    assert counted(folder) == {name: 2 * number for name, number in before.items()}


def test_its_files_have_their_space_before_they_are_written(folder: Path) -> None:
    """A write to a place without space, of a file that is mapped into memory, would end the process."""
    assert {file.stat().st_blocks * 512 >= count_files.FILE_BYTES for file in folder.iterdir()} == {True}


def test_a_folder_that_can_not_be_written_keeps_no_site_from_starting(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.METRICS_LISTEN, settings.METRICS_FOLDER = "127.0.0.1:1", str(tmp_path / "file" / "in it")
    (tmp_path / "file").touch()
    configured.start()
    assert "METRICS_FOLDER can't be written" in caplog.text
    assert hooks.observers() == ()


def test_nothing_left_is_an_empty_page(tmp_path: Path) -> None:
    assert exposition(tmp_path / "new", found=[])[0] == b""
