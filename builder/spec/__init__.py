"""The definition of the images, the lock of their files, and the plan of a build, as values and functions."""
