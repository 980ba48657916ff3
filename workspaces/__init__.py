"""Workspaces: customer companies, their members, what each may do, and how people and tools get in."""
