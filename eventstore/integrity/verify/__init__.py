"""Verification: all that the log, the command store, the trees and the heads say is recomputed, and compared.

`verify` takes what the database holds for a claim. It reads past the ORM and past the code that writes, and needs no
lock: whoever writes goes on meanwhile, and rows that came after it began are the next run's.
"""

from eventstore.integrity.verify.faults import Code, Fault, Faults, Place
from eventstore.integrity.verify.report import Report, Scope
from eventstore.integrity.verify.run import verify

__all__ = ["Code", "Fault", "Faults", "Place", "Report", "Scope", "verify"]
