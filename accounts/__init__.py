"""The write side of the domain: customers and their money accounts."""
