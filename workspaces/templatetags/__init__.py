"""Template libraries of the project's pages."""
