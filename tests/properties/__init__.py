"""Properties over many made-up worlds: less information must never improve a verdict."""
