"""A helper for any test: whether the log of the test's database is as it was written."""

from pathlib import Path

from eventstore.integrity.verify import Report, Scope, verify


def verified(seals: Path | None = None) -> Report:
    """Verify the log, and fail with what was found; returns the report of a clean run."""
    report = verify(Scope(seals=seals))
    found = [f"{fault.place} {fault.position}: {fault.sentence}" for fault in report.faults.in_order()]
    assert not found, "\n".join(found)
    return report
