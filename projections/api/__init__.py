"""The addresses of the API at which one asks."""
