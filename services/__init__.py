"""The services that tests need beside Orthanc, each in a container of an image that is made from ours."""
