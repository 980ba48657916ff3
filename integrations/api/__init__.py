"""Endpoints of the catalog, of connections and of their runs."""
