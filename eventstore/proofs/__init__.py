"""Proofs that leave the house: that an event or a command is in a sealed tree, and that a tree only grew.

They are JSON, and the verifier (`eventstore.verifier`, or the file that `verifier_file` gives) checks them without this
site. A proof costs a few rows, however long the log is.
"""

from eventstore.proofs.make import (
    NotSealed,
    command_proof,
    consistency_proof,
    event_proof,
    head_over_event,
    head_over_stream,
    stream_proof,
)
from eventstore.proofs.program import verifier_file, verifier_hash
from eventstore.proofs.signers import key_of, known_keys

__all__ = [
    "NotSealed",
    "command_proof",
    "consistency_proof",
    "event_proof",
    "head_over_event",
    "head_over_stream",
    "key_of",
    "known_keys",
    "stream_proof",
    "verifier_file",
    "verifier_hash",
]
