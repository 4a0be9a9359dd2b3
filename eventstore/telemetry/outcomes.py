"""What became of a command, in one word, as traces and metrics have it."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eventstore.log.records import Receipt

FAILED: Final = "failed"  # nothing was stored


def outcome_of(receipt: "Receipt") -> str:
    """One of `accepted`, `refused`, `replayed` (its key was known) and `rehearsed` (a dry run)."""
    if receipt.replayed:
        return "replayed"
    if receipt.dry_run:
        return "rehearsed"
    return "accepted" if receipt.accepted else "refused"
