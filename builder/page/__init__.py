"""The page about a build, for people."""
