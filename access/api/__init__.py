"""Endpoints of critical systems, their rules and accounts, checks and tasks."""
