"""A cluster for real, of which one part after the other is killed: `make test-cluster`."""
