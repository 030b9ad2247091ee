"""What is wanted, which files that is exactly, and what a build makes of it: values and pure functions."""
