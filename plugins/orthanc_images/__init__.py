"""The plugins of these images, written in Python on Orthanc's Python plugin."""
