"""What tests and benchmarks share: containers of the images, real DICOM, stores, browsers and peers."""
