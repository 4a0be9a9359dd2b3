"""A read database: another PostgreSQL gets the log by logical replication, and builds read models of its own.

The primary publishes the tables of the log, and no others (`publication`). The read database subscribes to them
(`subscription`), and from then on follows: nothing is recorded there, its mark is the replicated one, and runners serve
all projections. `status` tells how far it is, and what is wrong. See decision 0049.
"""
