"""People: the company's staff directory, their employment and their Org roles."""
