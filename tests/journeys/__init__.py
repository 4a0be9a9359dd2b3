"""Journeys of customers and staff in a real browser."""
