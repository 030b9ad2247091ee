"""Images as files and in registries: layouts, layers, what is inside, and how two of them differ."""
