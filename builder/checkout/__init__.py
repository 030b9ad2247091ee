"""The repository as it stands on disk: a clone, a copy of one, or what a bundle was unpacked into."""
