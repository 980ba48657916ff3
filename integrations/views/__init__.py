"""Pages of the integrations: the catalog, connecting, connections and their runs."""
