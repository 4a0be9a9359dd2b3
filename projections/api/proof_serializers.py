"""The serializers of proofs and heads. What is hashed is text, exactly as it was hashed."""

import base64
from typing import Any

from rest_framework import serializers

from projections.api.serializers import REFLECTS

HASHES = "In base64, from the leaf upwards (RFC 9162)."
AS_HASHED = "Canonical JSON, exactly as it was hashed: personal fields are encrypted."
PERSONAL = "The fields of `data` that are encrypted."
NOTE = "A signed note: origin, size, root and signatures (C2SP tlog-checkpoint)."


class RowSerializer(serializers.Serializer[Any]):
    """What the rows of events and of commands have in common."""

    type = serializers.CharField()
    schema_version = serializers.IntegerField()
    recorded_at = serializers.CharField(help_text="As it was hashed: in UTC, with microseconds if it has any.")
    metadata = serializers.CharField(help_text=AS_HASHED)
    data = serializers.CharField(help_text=AS_HASHED)  # type: ignore[assignment]  # a serializer's own data is something else


class EventRowSerializer(RowSerializer):
    """The row of an event, as it was hashed."""

    event_id = serializers.UUIDField()
    category = serializers.CharField()
    stream_id = serializers.UUIDField()
    version = serializers.IntegerField(help_text="Its place in its stream, from 1.")


class CommandRowSerializer(RowSerializer):
    """The row of a command, as it was hashed."""

    command_id = serializers.UUIDField()
    actor = serializers.CharField()
    key = serializers.CharField()
    fingerprint = serializers.CharField(help_text="In hexadecimal.")
    accepted = serializers.BooleanField()
    response = serializers.CharField(help_text=AS_HASHED)


class ProofSerializer(serializers.Serializer[Any]):
    """What all proofs have in common."""

    format = serializers.CharField(help_text="`tidemark proof 1`")
    kind = serializers.CharField(help_text="`event`, `command`, `stream` or `consistency`")
    path = serializers.ListField(child=serializers.CharField(), help_text=HASHES)
    keys = serializers.ListField(
        child=serializers.CharField(), help_text="The site's keys that signed, `name+id+key`: compare them with yours."
    )


class InclusionProofSerializer(ProofSerializer):
    """How a leaf leads to the root of a signed head."""

    digest = serializers.CharField(help_text="SHA-256 of the row, in hexadecimal.")
    index = serializers.IntegerField(help_text="Of the leaf, from 0.")
    size = serializers.IntegerField(help_text="How many leaves the tree of the head has.")
    head = serializers.CharField(help_text=NOTE)


class EventProofSerializer(InclusionProofSerializer):
    """The proof that an event is in the log."""

    position = serializers.IntegerField(help_text="Of the event; it is in its leaf, beside its digest.")
    event = EventRowSerializer()
    previous = serializers.CharField(help_text="The digest of the event before it in its stream; zeros if it is first.")
    personal = serializers.ListField(
        child=serializers.CharField(), help_text="The fields of `data` that are encrypted."
    )


class CommandProofSerializer(InclusionProofSerializer):
    """The proof that a command, with its answer, is in the command store."""

    number = serializers.IntegerField(help_text="Of the command; it is in its leaf, beside its digest.")
    command = CommandRowSerializer()
    personal = serializers.ListField(
        child=serializers.CharField(), help_text="The fields of `data` that are encrypted."
    )
    position = serializers.IntegerField(help_text=REFLECTS)


class StreamProofSerializer(InclusionProofSerializer):
    """The proof of events that follow each other in one stream, without a gap."""

    position = serializers.IntegerField(help_text="Of the last event; it is in its leaf, beside its digest.")
    events = EventRowSerializer(many=True)
    previous = serializers.CharField(help_text="The digest of the event before the first one.")


class ConsistencyProofSerializer(ProofSerializer):
    """The proof that one head continues another."""

    old = serializers.CharField(help_text=NOTE)
    new = serializers.CharField(help_text=NOTE)
    position = serializers.IntegerField(help_text=REFLECTS)


class Base64Field(serializers.CharField):
    """Bytes, as text in base64."""

    def to_representation(self, value: Any) -> str:
        """The text."""
        return base64.b64encode(bytes(value)).decode()


class HeadSerializer(serializers.Serializer[Any]):
    """The signed head of a tree."""

    tree = serializers.CharField(help_text="`events` or `commands`")
    epoch = serializers.IntegerField(help_text="Of the log; a restore begins the next one.")
    size = serializers.IntegerField(help_text="How many leaves the tree has.")
    position = serializers.IntegerField(help_text="Of the last leaf: a position of the log, or a command's number.")
    root = Base64Field()  # type: ignore[assignment]  # a serializer's own root is something else
    note = serializers.CharField(help_text=NOTE)
    signed_at = serializers.DateTimeField()
    timestamp = Base64Field(allow_null=True, help_text="A time-stamp token (RFC 3161), if the site asks for them.")
