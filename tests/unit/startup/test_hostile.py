"""The start-up code under a fuzzer: whatever comes in, an exit code that is documented, and no traceback."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from startup import errors
from tests.unit.startup.image import CATALOGUE, Image

CODES = {
    errors.EXIT_OK,
    errors.EXIT_USAGE,
    errors.EXIT_CONFIGURATION,
    errors.EXIT_NOT_EXECUTABLE,
    errors.EXIT_NOT_FOUND,
}

BOUNDED = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
PATHS = st.sampled_from(sorted(CATALOGUE.lines))
SETTINGS = st.dictionaries(PATHS.map(lambda path: path.partition(".")[0]), JSON, max_size=6)
NAMES = st.one_of(
    PATHS.map(lambda path: "ORTHANC__" + path.replace(".", "__").replace("*", "x").upper()),
    st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", min_size=1, max_size=24).map(
        lambda word: f"ORTHANC__{word}"
    ),
    st.sampled_from(
        ["ORTHANC_JSON", "ORTHANC_PASSWORD", "LOGDIR", "LOGFILE", "VERBOSE_STARTUP", "STRICT_CONFIGURATION",
         "ORTHANC__REGISTERED_USERS_FILE", "DICOM_WEB_PLUGIN_ENABLED", "FORCE_HOST_ID", "MALLOC_ARENA_MAX"]
    ),
)  # fmt: skip
TEXTS = st.one_of(
    st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60),
    JSON.map(json.dumps),
    st.sampled_from(
        ["", "true", "[", "{" * 3000, "[" * 3000, "${ORTHANC_JSON}", "/etc/orthanc", "\ufeff{}", "1e999"]
    ),
)
BYTES = st.one_of(
    SETTINGS.map(lambda tree: json.dumps(tree).encode()),
    st.binary(max_size=200),
    st.sampled_from(
        [b"", b"\xff\xfe{}", b"{" * 5000, b'{"a":' * 2000, b'{"Name": "\xff"}', b"// x\n{} /* y"]
    ),
    st.sampled_from(
        [
            b'{"Name": ${HOME}, "$USER": "${X:?y}", ${Z',
            b'[${X:-{"a": "$',
            b'{"Name": ${X}, "a": [$Y, "${Z}"]}',
        ]
    ),
)


@contextmanager
def container() -> Iterator[Image]:
    """A root folder like the image's, of its own for each input."""
    with tempfile.TemporaryDirectory() as folder:
        yield Image(Path(folder))


def ended(image: Image, environment: dict[str, str], *arguments: str) -> int:
    """The exit code of a start; whatever it raises is a failure."""
    code, _ = image.start(environment, *arguments)
    return code


@BOUNDED
@given(variables=st.dictionaries(NAMES, TEXTS, max_size=6))
def test_variables(variables: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Any names and texts of variables."""
    with container() as image:
        assert ended(image, variables) in CODES
    assert "Traceback" not in capsys.readouterr().err


@BOUNDED
@given(content=BYTES, place=st.sampled_from(["/etc/orthanc/a.json", "/run/secrets/a.json"]))
def test_files(content: bytes, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Any bytes in a configuration file or a secret with settings."""
    with container() as image:
        image.file(place, content)
        assert ended(image, {}) in CODES
    assert "Traceback" not in capsys.readouterr().err


@BOUNDED
@given(name=NAMES, content=BYTES)
def test_secrets(name: str, content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """Any bytes in a secret that is named as a variable."""
    with container() as image:
        image.secret(name, content)
        assert ended(image, {}) in CODES
    assert "Traceback" not in capsys.readouterr().err


@BOUNDED
@given(tree=SETTINGS)
def test_settings_of_the_wrong_kind(tree: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Known settings with values of any kind."""
    with container() as image:
        image.file("/etc/orthanc/a.json", json.dumps(tree))
        assert ended(image, {"ORTHANC__AUTHENTICATION_ENABLED": "false"}) in CODES
    assert "Traceback" not in capsys.readouterr().err


@BOUNDED
@given(
    arguments=st.lists(
        st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
        | st.sampled_from(
            ["--help", "--logdir", "--config=x", "a.json", "/etc/orthanc", "config", "check", "-", ""]
        ),
        max_size=4,
    )
)
def test_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Any words after the image's name."""
    with container() as image:
        assert ended(image, {}, *arguments) in {*CODES, 1, 2}
    assert "Traceback" not in capsys.readouterr().err
