"""How long a build took is kept for the page about it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from builder.build import times
from builder.build.times import Step, Times

ROOT = Path(__file__).resolve().parents[4]
LOG = """\
#0 building with "default" instance using docker driver
#1 [internal] load local bake definitions
#1 DONE 0.0s
#2 [full context recipe] load .dockerignore
#2 DONE 0.1s
#7 [full base-root 1/1] RUN sh /recipe/bootstrap
#7 0.1 #9 [not a-step 1/1] of BuildKit's, but said by a program
#8 [linux/amd64 default-root 1/2] RUN first
#8 ...
#7 CACHED
#9 [default] exporting to image
#8 [linux/amd64 default-root 1/2] RUN first
#8 DONE 61.5s
#10 [default-root 2/2] RUN second
#10 DONE 0.5s
#9 exporting layers 0.8s done
#9 DONE 0.8s
#11 [full base-root 1/1] RUN sh /recipe/bootstrap
#11 CACHED
#12 [full full-root 1/1] RUN broken
#12 ERROR: process did not complete
"""


def test_steps_are_the_stages_that_ended_then_the_exports() -> None:
    """One that BuildKit has from an earlier build took no time; one that failed is not there."""
    assert times.steps(LOG) == [
        Step("base-root", 0.0, cached=True),
        Step("default-root", 62.0, cached=False),
        Step("default: export", 0.8, cached=False),
    ]


def test_a_stage_that_ran_for_one_image_did_not_come_from_an_earlier_build() -> None:
    log = "#1 [a x 1/1] RUN\n#1 DONE 2.0s\n#2 [b x 1/1] RUN\n#2 CACHED\n"
    assert times.steps(log) == [Step("x", 2.0, cached=False)]


def test_times_are_read_as_they_were_written(tmp_path: Path) -> None:
    path, made = (
        tmp_path / times.FILE,
        Times.of(datetime(2026, 11, 24, 9, 50, 16, tzinfo=UTC), {"plan": 1.23456}),
    )
    assert times.read(path) is None
    times.write(made, path)
    assert json.loads(path.read_text()) == {"begun": "2026-11-24T09:50:16Z", "stages": {"plan": 1.235}}
    assert times.read(path) == made


def test_what_comes_after_a_build_is_added(tmp_path: Path) -> None:
    path = tmp_path / times.FILE
    times.add({"export": 1.0}, path)
    assert times.read(path) is None
    times.write(Times("2026-11-24T09:50:16Z", {"plan": 1.0}), path)
    times.add({"export": 2.00001}, path)
    assert times.read(path) == Times("2026-11-24T09:50:16Z", {"plan": 1.0, "export": 2.0})


def test_the_time_before_the_first_import_counts() -> None:
    """The program that runs the interpreter has the process first, as the shell of ./inv has."""
    code = "from builder.build import times; print(times.since_start())"
    begun = time.monotonic()
    argv = ["sh", "-c", 'sleep 0.3; exec "$@"', "sh", sys.executable, "-c", code]
    told = subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert 0.3 <= float(told) <= time.monotonic() - begun + 0.02  # the kernel counts in hundredths


def test_without_a_kernel_that_tells_nothing_is_added(tmp_path: Path) -> None:
    assert times.since_start(tmp_path / "none") == 0.0
