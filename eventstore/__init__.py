"""An event store, a command store and projections for Django."""
