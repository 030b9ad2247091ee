"""The differential test: Orthanc with its own SQLite index, and with ours, and the same requests to both."""
