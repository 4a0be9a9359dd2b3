"""Faults of the machine in the log: one line each, whoever logs them."""

import logging

from eventstore.backends import faults


class OneLine(logging.Filter):
    """Puts what the database said in place of a fault's traceback, whoever logs it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let each record pass."""
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if error and faults.fault_of(error):
            record.msg = f"{record.getMessage()} ({faults.fault_of(error)}: {faults.in_one_line(error)})"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True
