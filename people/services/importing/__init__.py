"""Acts on whole lists of staff: planning them, writing them in bulk, files as leased jobs."""
