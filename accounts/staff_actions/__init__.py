"""Actions of staff in the admin on customers and their accounts; each becomes a command, most with a reason."""
