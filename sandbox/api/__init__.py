"""The routes of Truto's API host, one module per resource."""
