"""The sender sends each mail that is due once, tries again what failed, and gives up in the end."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected
from unittest.mock import Mock

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMessage
from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import get_language

from accounts.services.mail import Letter, Report, ServerAway, send_due
from accounts.services.mail import sender as module
from accounts.users.mail import OutgoingMail, queue_mail
from eventstore.service import Stop
from tests.factories import CustomerFactory, StaffFactory

pytestmark = pytest.mark.django_db

ADA = "ada@example.org"
LANGUAGE = lazy(get_language, str)()  # the language in which it is read
Writers = list[Callable[[OutgoingMail], Letter | None]]


def send() -> Report:
    report = Report()
    send_due(report)
    return report


def fail(monkeypatch: pytest.MonkeyPatch, error: Exception | Iterable[Exception | int]) -> Mock:
    sending = Mock(side_effect=error)
    monkeypatch.setattr(EmailMessage, "send", sending)
    return sending


def make_due() -> None:
    OutgoingMail.objects.update(next_try_at=timezone.now())


def age(by: timedelta) -> None:
    OutgoingMail.objects.update(queued_at=timezone.now() - by)


def test_a_mail_is_sent_once(greeting: Writers) -> None:
    queue_mail("password_changed", ADA)
    assert send() == Report(sent=1)
    assert send().is_empty
    (message,) = outbox.outbox
    assert (message.to, message.subject) == ([ADA], "Good day")
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_mail_of_a_transaction_that_is_undone_is_not_sent(greeting: Writers) -> None:
    def work() -> None:
        with transaction.atomic():
            queue_mail("password_changed", ADA)
            raise LookupError

    with pytest.raises(LookupError):
        work()
    assert send().is_empty


def test_the_oldest_goes_first(greeting: Writers) -> None:
    for name in ("first", "second", "third"):
        queue_mail("password_changed", f"{name}@example.org")
    send()
    assert [message.to[0] for message in outbox.outbox] == [
        "first@example.org",
        "second@example.org",
        "third@example.org",
    ]


def test_who_says_nothing_sends_nothing(greeting: Writers) -> None:
    greeting.append(lambda mail: None)
    queue_mail("password_changed", ADA)
    assert send() == Report(void=1)
    assert not OutgoingMail.objects.exists()
    assert outbox.outbox == []


def test_a_mail_is_in_the_customers_language_not_in_that_of_who_caused_it(greeting: Writers) -> None:
    li = CustomerFactory.create(locale="zh-hans-cn")
    greeting.append(lambda mail: Letter(mail.email, li, {"link": LANGUAGE}))
    queue_mail("password_changed", li.email, language="en")
    send()
    assert "zh-hans" in outbox.outbox[0].body


@pytest.mark.parametrize(("asked", "got"), [("en", "en"), ("zh-hans", "zh-hans"), ("tlh", "en")])
def test_a_mail_to_staff_is_in_the_language_of_the_request(greeting: Writers, asked: str, got: str) -> None:
    sam = StaffFactory.create()
    greeting.append(lambda mail: Letter(mail.email, sam, {"link": LANGUAGE}))
    queue_mail("password_changed", sam.email, language=asked)
    send()
    assert f"\n{got}\n" in outbox.outbox[0].body


def test_what_is_taken_is_not_taken_by_another_sender_meanwhile(
    greeting: Writers, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_mail("password_changed", ADA)
    others: list[Report] = []
    monkeypatch.setattr(EmailMessage, "send", lambda _: others.append(send()))
    assert send() == Report(sent=1)
    assert others == [Report()]


def test_a_mail_that_another_sender_took_at_the_same_moment_is_left_to_it(
    greeting: Writers, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_mail("password_changed", ADA)
    seen = OutgoingMail.objects.get()
    assert module._claim()
    looks = iter([seen, None])
    monkeypatch.setattr(OutgoingMail.objects, "filter", _filter_that_shows(looks))
    assert module._claim() is None


def _filter_that_shows(looks: Iterable[OutgoingMail | None]) -> Callable[..., object]:
    """Answers a look for what is due as it was before; other queries are the manager's own."""
    real = OutgoingMail.objects.filter
    looks = iter(looks)

    def filtered(**wanted: object) -> object:
        if "next_try_at__lte" not in wanted:
            return real(**wanted)
        return Mock(order_by=lambda *_: Mock(first=lambda: next(looks)))

    return filtered


def test_a_sender_that_dies_while_it_sends_loses_nothing(greeting: Writers, monkeypatch: pytest.MonkeyPatch) -> None:
    queue_mail("password_changed", ADA)
    fail(monkeypatch, KeyboardInterrupt())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        send()
    assert send().is_empty  # it may have been sent just before
    make_due()
    monkeypatch.undo()
    assert send() == Report(sent=1)


def test_what_the_server_would_not_take_is_tried_again_later_and_later(
    greeting: Writers, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_mail("password_changed", ADA)
    fail(monkeypatch, SMTPDataError(451, b"later"))
    pauses = []
    for _ in range(9):
        assert send() == Report(failed=1)
        assert send().is_empty
        pauses.append(round((OutgoingMail.objects.get().next_try_at - timezone.now()).total_seconds()))
        make_due()
    assert pauses == [10, 20, 40, 80, 160, 320, 640, 900, 900]
    monkeypatch.undo()
    assert send() == Report(sent=1)


def test_one_that_fails_does_not_keep_the_others(greeting: Writers, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        queue_mail("password_changed", ADA)
    fail(monkeypatch, [SMTPDataError(554, b"spam"), ZeroDivisionError(), 1])
    assert send() == Report(failed=2, sent=1)


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError(111, "Connection refused"), TimeoutError(), SMTPServerDisconnected()]
)
def test_while_the_server_is_away_the_others_are_not_tried(
    greeting: Writers, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    for _ in range(3):
        queue_mail("password_changed", ADA)
    sending = fail(monkeypatch, error)
    with pytest.raises(ServerAway):
        send()
    assert sending.call_count == 1
    assert OutgoingMail.objects.count() == 3


def test_a_database_that_is_away_is_no_failure_of_the_mail(greeting: Writers) -> None:
    def write(mail: OutgoingMail) -> Letter:
        raise OperationalError

    greeting.append(write)
    queue_mail("password_changed", ADA)
    with pytest.raises(OperationalError):
        send()
    assert OutgoingMail.objects.count() == 1


def test_an_address_that_does_not_exist_is_given_up_and_named_nowhere(
    greeting: Writers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    queue_mail("password_changed", ADA)
    fail(monkeypatch, SMTPRecipientsRefused({ADA: (550, b"no such ada@example.org")}))
    assert send() == Report(given_up=1)
    assert not OutgoingMail.objects.exists()
    assert "A mail (password_changed" in caplog.text
    assert "550" in caplog.text
    assert "ada" not in caplog.text


def test_an_address_that_is_refused_for_now_is_tried_again(
    greeting: Writers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    queue_mail("password_changed", ADA)
    fail(monkeypatch, SMTPRecipientsRefused({ADA: (450, b"greylisted ada@example.org")}))
    assert send() == Report(failed=1)
    assert "ada" not in caplog.text


def test_what_could_not_be_sent_for_a_day_is_given_up(greeting: Writers, caplog: pytest.LogCaptureFixture) -> None:
    queue_mail("password_changed", ADA)
    age(timedelta(hours=23, minutes=59))
    assert send() == Report(sent=1)
    queue_mail("password_changed", ADA)
    age(timedelta(hours=24, minutes=1))
    assert send() == Report(given_up=1)
    assert "waited for too long" in caplog.text


def test_a_link_that_nobody_asked_for_within_the_hour_is_not_sent() -> None:
    ada = CustomerFactory.create()
    queue_mail("password_reset", ada.email)
    age(timedelta(minutes=61))
    assert send() == Report(given_up=1)


def test_an_unknown_kind_waits_for_a_sender_that_knows_it(caplog: pytest.LogCaptureFixture) -> None:
    queue_mail("from_the_future", ADA)
    assert send() == Report(failed=1)
    assert "older version" in caplog.text
    assert OutgoingMail.objects.exists()


def test_an_address_can_add_no_header(greeting: Writers, caplog: pytest.LogCaptureFixture) -> None:
    queue_mail("password_changed", "ada@example.org\nBcc: eve@example.org")
    with caplog.at_level(logging.WARNING):
        assert send() == Report(failed=1)
    assert outbox.outbox == []
    assert "ada" not in caplog.text
    assert "BadHeaderError" in caplog.text


def test_who_is_asked_to_stop_begins_no_other_mail(greeting: Writers, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        queue_mail("password_changed", ADA)
    stop, report = Stop(), Report()
    monkeypatch.setattr(EmailMessage, "send", lambda _: stop.set())
    send_due(report, stop)
    assert report == Report(sent=1)
