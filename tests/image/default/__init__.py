"""What the default variant promises, and full with it."""
