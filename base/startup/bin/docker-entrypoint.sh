#!/usr/bin/python3 -IS
"""The entry point of the images."""

import sys

sys.path.insert(0, "/usr/lib/orthanc-image")

from startup.main import main

sys.exit(main())
