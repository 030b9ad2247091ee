"""Tests of the probe; no container is needed."""
