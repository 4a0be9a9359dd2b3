"""NATS JetStream: the message's id is that of the event, so the server itself drops what comes twice.

nats://host:4222,host:4223/STREAM?replicas=3&subject=tidemark&dedupe=120

The stream is made if it is not there; one that is there stays as it is.
"""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from eventstore.errors import DeliveryRefused, TargetUnavailable
from eventstore.relay.envelope import CONTENT_TYPE, Message
from eventstore.relay.options import Options

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

T = TypeVar("T")

DEFAULT_SUBJECT: Final = "tidemark"  # what subjects begin with, unless the address says otherwise
TIMEOUT_SECONDS: Final = 5.0  # for the connection, and for an acknowledgement
REFUSED: Final = frozenset({10054})  # JetStream's code for a message that is larger than the stream allows


def subject_of(prefix: str, category: str, name: str) -> str:
    """The subject of the events with a stored name, in a category of streams."""
    return f"{prefix}.{category}.{name}"


class JetStream:
    """A connection to JetStream, in an event loop of its own: the library answers the server's pings there."""

    at_once = 256

    def __init__(self, options: Options) -> None:
        parts = options.parts
        user, _, hosts = parts.netloc.rpartition("@")
        self._servers = [f"{parts.scheme}://{user + '@' if user else ''}{host}" for host in hosts.split(",")]
        self._stream = parts.path.strip("/")
        self._subject = options.query.get("subject", DEFAULT_SUBJECT)
        self._replicas = int(options.query.get("replicas", "1"))
        self._dedupe = float(options.query.get("dedupe", "120"))  # seconds
        self._credentials = options.query.get("credentials")
        self._token = options.secret or None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Client | None = None

    def send(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        """Publish, and wait for the stream's acknowledgements. After a failure the connection is made anew."""
        try:
            answers = self._run(self._send(messages))
        except Exception as error:
            answers = [_fault(error)] * len(messages)
        if any(isinstance(answer, TargetUnavailable) for answer in answers):
            self.close()
        return answers

    def close(self) -> None:
        """End the connection and its loop."""
        loop, self._loop = self._loop, None
        client, self._client = self._client, None
        if loop is None:
            return
        if client is not None:
            asyncio.run_coroutine_threadsafe(_closed(client), loop).result(2 * TIMEOUT_SECONDS)
        loop.call_soon_threadsafe(loop.stop)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=_run_loop, args=[self._loop], name="jetstream", daemon=True).start()
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(6 * TIMEOUT_SECONDS)

    async def _send(self, messages: Sequence[Message]) -> list[Exception | None]:
        stream = await self._connected()
        return await asyncio.gather(*(self._publish(stream, message) for message in messages))

    async def _publish(self, stream: "JetStreamContext", message: Message) -> Exception | None:
        headers = {"Nats-Msg-Id": str(message.event_id), "Content-Type": CONTENT_TYPE, **message.trace_headers}
        subject = subject_of(self._subject, message.category, message.type)
        try:
            await stream.publish(subject, message.body, timeout=TIMEOUT_SECONDS, stream=self._stream, headers=headers)
        except Exception as error:
            return _fault(error)
        return None

    async def _connected(self) -> "JetStreamContext":
        """The stream, with a connection that is alive."""
        import nats  # noqa: PLC0415 - an extra
        from nats.js.errors import NotFoundError  # noqa: PLC0415 - likewise

        if self._client is not None and self._client.is_connected:
            return self._client.jetstream(timeout=TIMEOUT_SECONDS)
        if self._client is not None:
            await self._client.close()
        self._client = await nats.connect(
            self._servers,
            allow_reconnect=False,  # a new connection begins with events that are still to be sent, and no others
            connect_timeout=int(TIMEOUT_SECONDS),
            max_reconnect_attempts=1,  # of each server: whoever waits longer is the runner
            reconnect_time_wait=0,
            error_cb=_ignored,
            token=self._token,
            user_credentials=self._credentials,
        )
        stream = self._client.jetstream(timeout=TIMEOUT_SECONDS)
        try:
            await stream.stream_info(self._stream)
        except NotFoundError:
            await stream.add_stream(
                name=self._stream,
                subjects=[f"{self._subject}.>"],
                num_replicas=self._replicas,
                duplicate_window=self._dedupe,
            )
        return stream


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()


async def _closed(client: "Client") -> None:
    await client.close()


async def _ignored(_error: Exception) -> None:
    """Pass over what the library reports besides: whoever waits for an acknowledgement is told."""


def _fault(error: Exception) -> Exception:
    """Whether the event is at fault; if in doubt, it is not."""
    from nats.errors import MaxPayloadError  # noqa: PLC0415 - an extra
    from nats.js.errors import APIError  # noqa: PLC0415 - likewise

    text = f"NATS: {type(error).__name__}: {error}"
    if isinstance(error, MaxPayloadError) or (isinstance(error, APIError) and error.err_code in REFUSED):
        return DeliveryRefused(text)
    return TargetUnavailable(text)
