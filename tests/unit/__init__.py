"""Tests without a container and without a network."""
