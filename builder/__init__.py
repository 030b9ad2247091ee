"""The toolkit that builds, tests and publishes the images; tasks.py is its command line."""

import sys
from pathlib import Path

# The start-up code of the images is a package of its own, and the documents are made from its tables.
sys.path.append(str(Path(__file__).resolve().parent.parent / "base"))
