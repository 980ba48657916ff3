"""Pages of the directory: the list, adding, editing, Org roles, importing."""
