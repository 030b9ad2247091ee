"""Building without a network: one archive that holds all that a build and its tests need."""
