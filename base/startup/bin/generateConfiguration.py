#!/usr/bin/python3 -IS
"""The configuration written once more, under the name that scripts for other images of Orthanc call."""

import sys

sys.path.insert(0, "/usr/lib/orthanc-image")

from startup.cli import main

sys.argv[1:] = ["write"]
sys.exit(main())
