"""The pages on which customers act: each parses a form, sends a command and leads to a page with its effect."""
