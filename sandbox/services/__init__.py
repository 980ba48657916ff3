"""What may be done to the sandbox's world, one module per subject."""
