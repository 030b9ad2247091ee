"""The start-up code of the images: from environment variables, secrets and files to a running Orthanc."""
