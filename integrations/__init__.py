"""Integrations: products we read from, connections to them, and complete readings of their users."""
