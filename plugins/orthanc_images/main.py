"""The start of the plugins of these images, and of the user's own script after them."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from orthanc_images.api import Api
from orthanc_images.errors import PluginError

SECTION = "ImagePlugins"
"""Where the start-up code says which plugins to start, and which script of the user comes after them."""

EXIT_CONFIGURATION = 78
"""The exit code of a container whose configuration is wrong; the start-up code has the same."""

PACKAGES = "/usr/lib/orthanc-image/packages"
"""Where the image has the Python packages that its plugins need; a user's own come before them."""

FOLDERS = {
    "AwsS3Storage": "storage",
    "AzureBlobStorage": "storage",
    "GoogleCloudStorage": "storage",
    "Ohif": "ohif",
    "VolView": "volview",
}
"""Which package below this one has the function `start(api, configuration, plugin)` of each plugin."""


def run(module: Any, leave: Callable[[int], object] = os._exit) -> None:
    """Start the plugins that the configuration of Orthanc names, then the user's script.

    `module` is Orthanc's Python module. A plugin that cannot start says why in one line, and `leave` ends
    the process; Orthanc has opened nothing yet.
    """
    configuration: dict[str, Any] = json.loads(module.GetConfiguration())
    section = configuration.pop(SECTION)
    sys.path.append(PACKAGES)
    api = Api(module)
    for plugin in section["Start"]:
        try:
            started(api, configuration, plugin)
        except PluginError as error:
            api.error(str(error))
            leave(EXIT_CONFIGURATION)
    if section["PythonScript"]:
        load(section["PythonScript"])


def started(api: Api, configuration: Mapping[str, Any], plugin: str) -> None:
    """Start one plugin; raises PluginError when it cannot."""
    package = importlib.import_module(f"orthanc_images.{FOLDERS[plugin]}")
    package.start(api, configuration, plugin)


def load(script: str) -> None:
    """Import the user's script as Orthanc does: as a module, with its folder first on the path."""
    path = Path(script).absolute()
    sys.path.insert(0, str(path.parent))
    importlib.import_module(path.stem)
