"""Threads whose stack would be small because of the limit that the container was started with."""

from __future__ import annotations

import pytest
from docker.types import Ulimit
from pydicom.uid import JPEG2000Lossless

from tests.image.compat import nested
from tests.image.conftest import Start

pytestmark = pytest.mark.inherited

SMALL = 192 * 1024
"""A soft limit on stacks; it also rules the first thread, which starts Orthanc and needs little."""


def test_a_small_limit_on_stacks_does_no_harm(start: Start) -> None:
    """The threads of DICOM and of jobs, which ask for no size of their own, get enough all the same."""
    limit = Ulimit(name="stack", soft=SMALL, hard=-1)
    server = start({"DICOM_WEB_PLUGIN_ENABLED": "true"}, ulimits=[limit])
    before = server.process
    _, content = nested.file(nested.DEEPEST, nested.ENCODINGS[0], "stack")
    said = server.upload(content)
    job = {"Replace": {"SeriesDescription": "other"}, "Transcode": JPEG2000Lossless}
    answer = server.post(f"/series/{said['ParentSeries']}/modify", json=job)
    assert answer.status_code == 200, answer.text
    assert server.get("/system").status_code == 200
    assert server.process == before
