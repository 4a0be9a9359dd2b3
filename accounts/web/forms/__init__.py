"""The forms of customers, each of which becomes a command."""
