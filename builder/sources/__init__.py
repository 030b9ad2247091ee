"""Where components come from: providers that resolve names to files, and the store that holds the files."""
