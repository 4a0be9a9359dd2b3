"""The pages on which customers act: each parses a form, executes a command and leads to what came of it."""
