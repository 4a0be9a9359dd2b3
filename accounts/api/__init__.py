"""The API: what its two sides share, and the addresses at which one acts. Those at which one asks are in `projections`."""
