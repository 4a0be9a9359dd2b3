"""The check of the books: what was recorded, what is shown, and what was issued must add up to the same."""
