"""Tests of the start-up code; no container is needed."""
