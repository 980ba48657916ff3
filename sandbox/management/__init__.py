"""Commands of the sandbox's manage script."""
