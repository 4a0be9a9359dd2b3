"""What every database engine must do for Tidemark, as tests: `pytest tests/conformance --database=…`.

The author of a third backend gives it a class in `eventstore/backends` that does what `base.Backend` says, guards in
the migrations, a server in `tests/plugin.py` and a line in `sessions.py`, and runs this folder. Each test's docstring
is a promise that the engine relies on; a test that fails names the one that is broken.

In the order in which it is best read: `test_complete`, `test_opening`, `test_writing`, `test_writing_if`,
`test_reading`, `test_putting`, `test_tables`, `test_temporary_tables`, `test_sessions`, `test_accidents`, and on top of
all that `test_engine`.
"""
