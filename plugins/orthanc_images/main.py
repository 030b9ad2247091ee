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
"""Where the start-up code says which plugins to start, with their packages, and which script comes after."""

EXIT_CONFIGURATION = 78
"""The exit code of a container whose configuration is wrong; the start-up code has the same."""

PACKAGES = "/usr/lib/orthanc-image/packages"
"""Where the image has the Python packages that its plugins need; a user's own come before them."""


def run(module: Any, leave: Callable[[int], object] = os._exit) -> None:
    """Start the plugins that the configuration of Orthanc names, then the user's script.

    `module` is Orthanc's Python module. A plugin that cannot start says why in one line, and `leave` ends
    the process; Orthanc has opened nothing yet.
    """
    configuration: dict[str, Any] = json.loads(module.GetConfiguration())
    section = configuration.pop(SECTION)
    sys.path.append(PACKAGES)
    api = Api(module)
    for entry in section["Start"]:
        try:
            start(api, configuration, entry["Plugin"], entry["Package"])
        except PluginError as error:
            api.error(str(error))
            leave(EXIT_CONFIGURATION)
    if section["PythonScript"]:
        load(section["PythonScript"])


def start(api: Api, configuration: Mapping[str, Any], plugin: str, package: str) -> None:
    """Start one plugin with the function `start(api, configuration, plugin)` of a package below this one.

    Raises:
        PluginError: when it cannot start.
    """
    module = importlib.import_module(f"orthanc_images.{package}")
    module.start(api, configuration, plugin)


def load(script: str) -> None:
    """Import the user's script as Orthanc does: as a module, with its folder first on the path."""
    path = Path(script).absolute()
    sys.path.insert(0, str(path.parent))
    importlib.import_module(path.stem)
