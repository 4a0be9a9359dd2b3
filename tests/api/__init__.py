"""The API, as a program on the other side sees it."""
