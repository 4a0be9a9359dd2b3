"""PostgreSQL, and why its feed never skips an event.

Positions are drawn from a sequence, before commit, so a reader who remembers the last one it saw would lose events that
commit later with a lower one. Therefore every writer draws under a *shared* advisory lock that it holds to commit
(triggers in migration 0002), which blocks nobody; and whoever raises the tidemark reads the sequence first, and then
waits for the transactions that hold the lock at that moment. A transaction that starts to draw later draws a higher
position, so below the mark nothing is missing any more. No timer decides anything.
"""
