"""Base pieces of the REST API: authentication, permissions, pages, problem details."""
