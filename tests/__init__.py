"""The tests: they mirror the apps, one file for each use case."""
