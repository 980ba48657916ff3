"""Jobs: work that must happen exactly once, kept as leased rows; a Celery message is a doorbell."""
