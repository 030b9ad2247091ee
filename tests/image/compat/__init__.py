"""Tests that what crashes Debian's Orthanc does not crash the image: docs/compat.md."""
