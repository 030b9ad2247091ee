"""What the images and their build cost, measured beside a plain Dockerfile of the same packages."""
