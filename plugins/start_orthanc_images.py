"""What Orthanc's Python plugin loads when a plugin of these images is enabled; see orthanc_images.main."""

import orthanc

from orthanc_images import main

main.run(orthanc)
