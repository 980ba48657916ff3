"""Checks: what must be true, judged from stated facts, and the tasks that follow."""
