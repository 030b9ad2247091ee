"""How long a build took: its stages, measured by the toolkit, and the steps in BuildKit's log."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from builder.errors import writing

FILE = "times.json"
STEP = re.compile(r"#(?P<number>\d+) \[(?:\S+ )?(?P<stage>\S+) +\d+/\d+\] ")

_EXPORT = re.compile(r"#(?P<number>\d+) \[(?P<stage>\S+)\] exporting to ")
_END = re.compile(r"#(?P<number>\d+) (?:DONE (?P<seconds>[\d.]+)s|CACHED)$")


@dataclass(frozen=True)
class Times:
    """When a build began (in UTC, as 2026-11-24T09:50:16Z), and the seconds of each stage, in their order."""

    begun: str
    stages: Mapping[str, float]

    @classmethod
    def of(cls, begun: datetime, stages: Mapping[str, float]) -> Times:
        """Return the times of a build that began at `begun`, which is in UTC."""
        rounded = {name: round(seconds, 3) for name, seconds in stages.items()}
        return cls(begun.strftime("%Y-%m-%dT%H:%M:%SZ"), rounded)


@dataclass(frozen=True)
class Step:
    """One stage of the Dockerfile: its seconds in BuildKit, and whether it came from the cache."""

    stage: str
    seconds: float
    cached: bool


def since_start(process: Path = Path("/proc/self/stat")) -> float:
    """Return the seconds since this process began, before its first import; 0 where the kernel tells none.

    That is when ./inv began: its shell becomes this process. proc_pid_stat(5) describes the file `process`.
    """
    try:
        fields = process.read_text(encoding="utf-8").rpartition(")")[2].split()
        began = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - began)
    except (OSError, AttributeError):  # no /proc, or no such clock: not Linux
        return 0.0


def write(times: Times, path: Path) -> None:
    """Write the times to `path`, as JSON."""
    with writing(path):
        path.write_text(json.dumps(asdict(times), indent=2) + "\n", encoding="utf-8")


def read(path: Path) -> Times | None:
    """Return the times at `path`; None if no build has written them."""
    return Times(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def add(stages: Mapping[str, float], path: Path) -> None:
    """Add further stages to the times at `path`, if a build has written them."""
    before = read(path)
    if before:
        rounded = {name: round(seconds, 3) for name, seconds in stages.items()}
        write(replace(before, stages={**before.stages, **rounded}), path)


def steps(log: str) -> list[Step]:
    """Return the stages in BuildKit's `log`, in the order in which they began; exports come last."""
    stages: dict[str, str] = {}
    exports: dict[str, str] = {}
    found: dict[str, Step] = {}
    for line in log.splitlines():
        if step := STEP.match(line):
            stages.setdefault(step["number"], step["stage"])
        elif step := _EXPORT.match(line):
            exports.setdefault(step["number"], f"{step['stage']}: export")
        elif (end := _END.match(line)) and (name := (stages | exports).get(end["number"])):
            before = found.get(name, Step(name, 0.0, cached=True))
            seconds = round(before.seconds + float(end["seconds"] or 0), 3)
            found[name] = Step(name, seconds, before.cached and not end["seconds"])
    return [found[name] for name in dict.fromkeys((*stages.values(), *exports.values())) if name in found]
