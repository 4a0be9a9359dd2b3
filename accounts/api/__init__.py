"""The API: what its two sides share, and where one acts; where one asks is in `projections`."""
