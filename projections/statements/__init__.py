"""Monthly statements: how they are reckoned, issued for ever, and shown to people."""
