"""From a built image to a published one: export, attestations, signatures, scans and notes."""
