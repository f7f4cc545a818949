"""From files to plans: what would happen, decided before anything does."""
