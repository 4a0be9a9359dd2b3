"""Tidemark's engine in a small Django project of its own: purses that are filled."""
