"""Where components come from: each module resolves names to files, and fetches the files of a lock."""
