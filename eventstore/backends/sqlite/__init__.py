"""SQLite: one writer at a time (`BEGIN IMMEDIATE`), so the order of positions is the order of commits."""
