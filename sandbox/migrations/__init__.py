"""The sandbox's own schema history."""
