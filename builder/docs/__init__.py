"""The parts of the documents that are made from the definition, the lock and the start-up code."""
