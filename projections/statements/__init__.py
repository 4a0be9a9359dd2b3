"""Monthly statements: computed from entries, issued once and for ever, and rendered as page, CSV and PDF."""
