"""Tests that run against one built image."""
