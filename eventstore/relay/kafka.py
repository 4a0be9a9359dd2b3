"""Kafka: an idempotent producer, acknowledged by all replicas that are in step, keyed by the stream.

kafka://host:9092,host:9092/topic?security.protocol=SASL_SSL&sasl.mechanism=PLAIN&sasl.username=relay

What stands behind the question mark is librdkafka's configuration, word for word; the target's secret is its password.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from eventstore.errors import DeliveryRefused, TargetUnavailable
from eventstore.relay.envelope import CONTENT_TYPE, Message
from eventstore.relay.options import Options

TIMEOUT_SECONDS: Final = 10.0
REFUSED: Final = frozenset({"MSG_SIZE_TOO_LARGE", "INVALID_MSG", "INVALID_RECORD"})


class Kafka:
    """A producer, made with the first message and anew after each failure, so that nothing old is left in its queue."""

    at_once = 256

    def __init__(self, options: Options) -> None:
        self._topic = options.parts.path.strip("/")
        self._configuration = {
            "bootstrap.servers": options.parts.netloc,
            "message.timeout.ms": int(TIMEOUT_SECONDS * 1_000),
            "partitioner": "murmur2_random",  # as Java's producers choose, so that a stream keeps its partition
            **({"sasl.password": options.secret} if options.secret else {}),
            **options.query,
            "enable.idempotence": True,
            "acks": "all",
        }
        self._producer: Any = None

    def send(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        """Produce, and wait for the acknowledgements."""
        answers: list[Exception | None] = [TargetUnavailable("Kafka: no acknowledgement came in time")] * len(messages)
        try:
            self._produce(messages, answers)
        except Exception as error:  # what was acknowledged before is acknowledged
            found = _fault(error)
            answers = [answer and found for answer in answers]
        if any(isinstance(answer, TargetUnavailable) for answer in answers):
            self.close()
        return answers

    def close(self) -> None:
        """End the producer, with what may be left in its queue."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.purge()
            producer.flush(0)

    def _produce(self, messages: Sequence[Message], answers: list[Exception | None]) -> None:
        from confluent_kafka import Producer  # noqa: PLC0415 - an extra

        if self._producer is None:
            self._producer = Producer(self._configuration)
        for place, message in enumerate(messages):
            try:
                self._producer.produce(
                    self._topic,
                    key=str(message.stream_id),
                    value=message.body,
                    headers={"content-type": CONTENT_TYPE, **message.trace_headers},
                    on_delivery=_noting(answers, place),
                )
            except Exception as error:  # of this message alone: the library looks at its size at once
                answers[place] = _fault(error)
        self._producer.flush(1.5 * TIMEOUT_SECONDS)


def _noting(answers: list[Exception | None], place: int) -> Callable[[Any, Any], None]:
    def note(error: Any, _message: Any) -> None:
        answers[place] = None if error is None else _refused_or_away(error)

    return note


def _fault(error: Exception) -> Exception:
    known = error.args[0] if error.args else error
    return _refused_or_away(known) if hasattr(known, "name") else TargetUnavailable(f"Kafka: {error!r}")


def _refused_or_away(error: Any) -> Exception:
    text = f"Kafka: {error.name()}: {error.str()}"
    return DeliveryRefused(text) if error.name() in REFUSED else TargetUnavailable(text)
