"""The speed of the engine and of the site, measured beside others: `make bench`."""
