"""Running linters and tests, and what came of them."""
