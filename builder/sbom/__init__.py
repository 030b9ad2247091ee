"""SBOMs and provenance: what is inside an image and where it comes from, as SPDX, CycloneDX and SLSA."""
