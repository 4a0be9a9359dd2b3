"""Delivery of events to other systems: NATS JetStream, Kafka, webhooks; `manage.py relay` does it (docs/relay.md).

The setting RELAY_TARGETS names the targets. Each is a subscriber of the log as a delayed projection is, with the same
runner, checkpoints and parking; its checkpoint moves once the other system has acknowledged.
"""

from eventstore.relay.targets import declare, relays

__all__ = ["declare", "relays"]
