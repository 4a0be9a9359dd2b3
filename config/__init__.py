"""The project: settings, addresses and the way it is served."""
