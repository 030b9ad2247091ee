"""The container engine: found or installed, what it can run, and the builders that work for it."""
