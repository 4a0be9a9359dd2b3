"""Accounts against a plain model of them."""
