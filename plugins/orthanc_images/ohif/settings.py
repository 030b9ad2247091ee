"""app-config.js, which tells OHIF's page how to read images: the user's part, then what only we know."""

from __future__ import annotations

import json
from typing import Any

from orthanc_images.ohif.options import DICOM_WEB, OhifOptions

# The page may be anywhere behind a proxy: paths are taken from where this script itself comes from.
HEAD = """\
(function () {
  const here = new URL(".", document.currentScript.src).pathname;
  const root = new URL("..", document.currentScript.src).pathname;
"""
TAIL = "})();\n"


def text(options: OhifOptions) -> str:
    """Return the whole script."""
    lines = [f"  window.config.routerBasename = {basename(options)};"]
    if options.source == DICOM_WEB:
        lines.append(f"  const dicomWeb = root + {json.dumps(options.dicom_web)};")
        lines.append(f"  window.config.dataSources = [{source(dicom_web())}];")
        lines.append('  window.config.defaultDataSourceName = "dicomweb";')
    else:
        lines.append(f"  window.config.dataSources = [{source(dicom_json())}];")
        lines.append('  window.config.defaultDataSourceName = "dicomjson";')
        lines.append("  window.config.showStudyList = false;")
    return options.user.rstrip() + "\n\n" + HEAD + "\n".join(lines) + "\n" + TAIL


def basename(options: OhifOptions) -> str:
    """Return the expression for the path of OHIF: what the user says, or where the page lies."""
    return json.dumps(options.basename) if options.basename else "here"


def source(content: dict[str, Any]) -> str:
    """Return one data source as JavaScript; the addresses of DICOMweb are known there only."""
    return json.dumps(content, indent=2).replace('"<dicomWeb>"', "dicomWeb").replace("\n", "\n  ")


def dicom_web() -> dict[str, Any]:
    """Return the source that reads through Orthanc's DICOMweb."""
    return {
        "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
        "sourceName": "dicomweb",
        "configuration": {
            "friendlyName": "Orthanc",
            "name": "orthanc",
            "wadoUriRoot": "<dicomWeb>",
            "qidoRoot": "<dicomWeb>",
            "wadoRoot": "<dicomWeb>",
            "qidoSupportsIncludeField": False,
            "supportsReject": False,
            "imageRendering": "wadors",
            "thumbnailRendering": "wadors",
            "enableStudyLazyLoad": True,
            "supportsFuzzyMatching": False,
            "supportsWildcard": True,
            "staticWado": True,
            "singlepart": "bulkdata,video",
            "acceptHeader": ["multipart/related; type=application/octet-stream; transfer-syntax=*"],
            "bulkDataURI": {"enabled": True, "relativeResolution": "studies"},
        },
    }


def dicom_json() -> dict[str, Any]:
    """Return the source that reads what the route ohif-dicom-json says, and the files one by one."""
    return {
        "namespace": "@ohif/extension-default.dataSourcesModule.dicomjson",
        "sourceName": "dicomjson",
        "configuration": {"friendlyName": "Orthanc", "name": "json"},
    }
