"""The check of the books: events, read models and issued statements must add up to the same amounts."""
