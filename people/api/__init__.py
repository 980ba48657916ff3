"""Endpoints of the staff directory: people, their leaving and returning, Org roles."""
