"""Benchmarks of the images and their build, compared with a plain Dockerfile of the same packages."""
