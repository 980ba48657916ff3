"""Endpoints of the workspace itself: the audit log and its members."""
