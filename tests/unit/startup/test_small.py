"""The small modules: findings, log, mask, written file, added libraries, unknown variables, catalogue."""

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given

from startup import errors, loader, log, mask, special, write
from startup.catalogue import Catalogue, load
from tests.unit.startup.image import CATALOGUE, Image
from tests.unit.startup.test_jsonc import JSON


def test_findings_are_sentences() -> None:
    """Where, what, and what to do; parts may be missing."""
    assert str(errors.problem("a", "b", "C.")) == "a: b. C."
    assert str(errors.problem("", "b", "")) == "b."
    assert repr(errors.problem("a", "b", "")) == "Problem('a: b.')"
    assert repr(errors.warning("a", "b", "")) == "Warning('a: b.')"


def test_the_log_ends_with_a_closing_line() -> None:
    """Warnings first, then problems, then their number."""
    one, two, three = errors.problem("a", "b", ""), errors.warning("c", "d", ""), errors.problem("e", "f", "")
    assert log.lines([two]) == ["Warning: c: d."]
    assert log.lines([one, two, three]) == [
        "Warning: c: d.",
        "a: b.",
        "e: f.",
        "Orthanc was not started: 2 problems in its configuration (see above).",
    ]
    assert log.lines([one], "It failed")[-1] == "It failed: 1 problem in its configuration (see above)."


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("RegisteredUsers.demo", True),
        ("RegisteredUsers", True),
        ("PostgreSQL.Password", True),
        ("PostgreSQL.Host", False),
        ("OrthancPeers.p.Url", True),
        ("DicomModalities.p", False),
        ("DicomWeb.Servers.s", True),
        ("SslCertificate", False),
        ("Mine.ApiKey", True),
        ("Mine.client_secret", True),
        ("Mine.Secrets.a", True),
        ("Mine.Token.inner", True),
        ("Mine.Name", False),
        ("DicomWeb.NewPassword", True),
        ("PostgreSQL.Passwrd", True),
        ("PostgreSQL.Pasword", True),
        ("RegisterdUsers.demo", True),
        ("PostgreSQL.Hots", False),
        ("Mine.SecretKey", True),
        ("Mine.Credentials", True),
        ("Mine.Tokens", True),
        ("Mine.TokenService", False),
        ("Mine.Pinned", False),
    ],
)
def test_what_is_secret(path: str, expected: bool) -> None:
    """What the catalogue says, and what sounds like it where the catalogue says nothing."""
    assert expected == mask.is_secret(tuple(path.split(".")), CATALOGUE)


def test_masks_keep_the_shape() -> None:
    """Keys and lists stay, null too; every other value below a secret is hidden."""
    tree: dict[str, object] = {
        "Name": "n",
        "OrthancPeers": {"p": ["http://u:p@h", "u", "p"], "q": {"Url": "x", "Timeout": 5, "Password": None}},
        "Plugins": ["a"],
    }
    assert mask.masked(tree, (), CATALOGUE) == {
        "Name": "n",
        "OrthancPeers": {
            "p": ["(hidden)"] * 3,
            "q": {"Url": "(hidden)", "Timeout": "(hidden)", "Password": None},
        },
        "Plugins": ["a"],
    }


def test_a_secret_with_nearly_the_name_of_a_variable_is_said(image: Image) -> None:
    """Secrets of other programs, and those that a variable names, are left alone."""
    for name in ("ORTAHNC__NAME", "orthanc__stable_age", "orthanc__mine", "tls__key", "ORTHANC__HTTP_PORT"):
        image.secret(name, "80")
    image.secret("orthanc__dicom_aet", "PACS")
    assert image.warnings({"ORTHANC__DICOM_AET_SECRET": "orthanc__dicom_aet"}) == [
        "/run/secrets/ORTAHNC__NAME: it is not read. Did you mean ORTHANC__NAME?",
        "/run/secrets/orthanc__stable_age: it is not read. Did you mean ORTHANC__STABLE_AGE?",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://user:pw@host/a@b", "http://(hidden)@host/a@b"),
        ("postgresql://u:p@ss@db", "postgresql://(hidden)@db"),
        ("http://host/a@b", "http://host/a@b"),
        ("a@b", "a@b"),
        ("", ""),
    ],
)
def test_a_login_in_an_address_is_hidden(text: str, expected: str) -> None:
    """Whatever the setting, user and password of an address are not shown."""
    assert mask.masked({"Any": [text]}, (), CATALOGUE) == {"Any": [expected]}


@given(JSON)
def test_the_written_json_is_the_value(value: object) -> None:
    """Both forms read back as what was written, and the one for Orthanc has no dollar."""
    assert value == json.loads(write.text(value))
    assert value == json.loads(write.compact(value))
    assert value == json.loads(write.for_orthanc(value))
    assert "$" not in write.for_orthanc(value)
    assert "\n" not in write.compact(value)


def test_a_draft_left_behind_does_no_harm(tmp_path: Path) -> None:
    """A file of an interrupted start is replaced, and none is left."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / f"tmp/orthanc.json.{os.getpid()}").write_text("old")
    assert write.written(str(tmp_path), "{}") == "/tmp/orthanc.json"
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["orthanc.json"]
    assert (tmp_path / "tmp/orthanc.json").read_text() == "{}\n"


LOADER = next((Path(path) for path in loader.LOADERS if Path(path).exists()), None)


def test_a_library_that_is_none_is_refused(image: Image) -> None:
    """The dynamic loader's own words are in the problem."""
    image.file("/usr/share/orthanc/plugins/libMine.so", "this is no library")
    (problem,) = image.problems()
    assert problem.startswith("/usr/share/orthanc/plugins/libMine.so: the library cannot be loaded (")
    assert problem.endswith("). Install what it needs in an image derived from this one, or remove it.")
    assert str(image.path) not in problem


def test_a_library_without_what_it_needs_is_refused(tmp_path: Path) -> None:
    """A missing dependency is named."""
    source = Path(os.path.realpath("/bin/ls")).read_bytes()
    assert b"libc.so.6\0" in source
    library = tmp_path / "lib.so"
    library.write_bytes(source.replace(b"libc.so.6\0", b"libX.so.6\0"))
    assert loader.refusal(str(library), {}).startswith("libX.so.6: cannot open shared object file")


def test_a_library_that_loads_is_fine(tmp_path: Path) -> None:
    """No complaint, no problem."""
    shutil.copy(os.path.realpath("/bin/ls"), tmp_path / "lib.so")
    assert loader.refusal(str(tmp_path / "lib.so"), {}) == ""
    assert loader.findings(["/lib.so"], [], str(tmp_path), {}) == []


def names(path: str | Path) -> list[bytes]:
    """The libraries that a file needs."""
    with open(path, "rb") as file:  # noqa: PTH123 - as the start-up code does
        return loader.needed(file.fileno())


def test_the_libraries_that_a_library_needs(tmp_path: Path) -> None:
    """They are read from the file itself; what is no library needs nothing."""
    assert b"libc.so.6" in names("/bin/ls")
    for content in (b"", b"text", b"\x7fELF\x01\x01", b"\x7fELF\x02\x01" + bytes(58)):
        (tmp_path / "file").write_bytes(content)
        assert names(tmp_path / "file") == []
    assert loader.offset(5, []) == 0


def test_a_library_of_the_image_without_its_own(image: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    """The image's libraries are looked through, and the loader is asked about doubtful ones only."""
    source = Path(os.path.realpath("/bin/ls")).read_bytes()
    broken = source.replace(b"libc.so.6\0", b"libX.so.6\0")
    image.file("/usr/share/orthanc/plugins-available/libOrthancDicomWeb.so", broken)
    image.file("/usr/share/orthanc/plugins-available/libOrthancGdcm.so", source)
    asked: list[str] = []
    real = loader.refusal

    def refusal(library: str, environment: dict[str, str]) -> str:
        asked.append(library)
        return real(library, environment)

    monkeypatch.setattr(loader, "refusal", refusal)
    (problem,) = image.problems({"DICOM_WEB_PLUGIN_ENABLED": "true"})
    assert problem.startswith(
        "/usr/share/orthanc/plugins-available/libOrthancDicomWeb.so: the library cannot be loaded ("
    )
    assert [Path(path).name for path in asked] == ["libOrthancDicomWeb.so"]


def test_without_the_loaders_list_all_are_doubtful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the loader is asked about each library."""
    monkeypatch.setattr(loader, "CACHE", "/nowhere")
    assert loader.suspicious(["/a", "/b"]) == ["/a", "/b"]


def test_without_a_dynamic_loader_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine with another loader the check is left to Orthanc."""
    monkeypatch.setattr(loader, "LOADERS", ("/nowhere",))
    assert loader.refusal("/etc/passwd", {}) == ""


def test_names_of_the_past_lead_to_known_settings(image: Image) -> None:
    """Each is a problem, or a warning where others use it; the catalogue knows its successor, if any."""
    for name, path in special.LEGACY.items():
        (finding,) = image.found({name: "x"}).findings
        assert finding.fatal == (name not in special.HARMLESS), name
        assert str(finding).startswith(f"{name}: this name is no longer read. ")
        assert path == "" or path in CATALOGUE, name
        assert ("Use ORTHANC__" in str(finding)) == bool(path), name


def test_switches_of_the_past_lead_to_those_of_today(image: Image) -> None:
    """Each is said with its successor."""
    for name, successor in special.FORMER.items():
        (finding,) = image.found({name: "true"}).findings
        assert f"{name}: this name is no longer read. Use {successor} instead." == str(finding)
        assert finding.fatal == (name != "BUNDLE_DEBUG"), name


OLD = "this name is no longer read. Use ORTHANC__POSTGRESQL__PASSWORD"


def test_names_of_the_past_are_said_wherever_they_come_from(image: Image) -> None:
    """As a secret, in a folder of secrets, and as a variable that tells a secret."""
    for name in ("PG_PASSWORD", "kubernetes/PG_PASSWORD", "HTTP_PORT", "DW_STOW_MAX_SIZE"):
        image.secret(name, "x")
    told = {"PG_PASSWORD_SECRET": "a", "PG_PASSWORD_FILE": "b", "LOCALE_FILE": "c", "NAME_SECRET": "d"}
    assert image.problems({**told, "PG_ENABLED_SECRET": "e"}) == [
        "PG_ENABLED_SECRET: this name is no longer read. Use POSTGRESQL_PLUGIN_ENABLED instead.",
        f"PG_PASSWORD_FILE: {OLD}_FILE instead.",
        f"PG_PASSWORD_SECRET: {OLD}_SECRET instead.",
        "/run/secrets/DW_STOW_MAX_SIZE: this name is no longer read."
        " Leave it out: this setting no longer exists.",
        f"/run/secrets/PG_PASSWORD: {OLD} instead.",
        f"/run/secrets/kubernetes/PG_PASSWORD: {OLD} instead.",
    ]
    assert image.warnings(told) == [
        "NAME_SECRET: this name is no longer read. Use ORTHANC__NAME_SECRET instead.",
        "/run/secrets/HTTP_PORT: this name is no longer read. Use ORTHANC__HTTP_PORT instead.",
    ]


def test_a_secret_with_an_old_name_may_be_told_by_a_variable(image: Image) -> None:
    """Then it is read."""
    image.secret("PG_PASSWORD", "x")
    found = {"ORTHANC__POSTGRESQL__HOST": "db", "ORTHANC__POSTGRESQL__PASSWORD_SECRET": "PG_PASSWORD"}
    assert image.tree(found)["PostgreSQL"]["Password"] == "x"


def test_users_under_an_old_name_are_one_problem(image: Image) -> None:
    """That there is no user follows from it, and is not said as well."""
    asking = {"ORTHANC__REMOTE_ACCESS_ALLOWED": "true", "AC_REGISTERED_USERS": "{}"}
    assert image.problems(asking) == [
        "AC_REGISTERED_USERS: this name is no longer read. Use ORTHANC__REGISTERED_USERS instead."
    ]


@pytest.mark.parametrize("name", ["LOG_FILE", "VERBOSE_ENABLE", "TRACE_ENABLE", "NO_JOB"])
def test_near_misses_of_special_names(image: Image, name: str) -> None:
    """Special variables are protected against typing errors too."""
    assert len(image.warnings({name: "true"})) == 1


@pytest.mark.parametrize("name", ["SOME__THING", "DB_PLUGIN", "A__B", "ORACLE__HOME"])
def test_other_names_with_underscores_are_not_ours(image: Image, name: str) -> None:
    """Two underscores alone make no variable ours."""
    assert image.warnings({name: "true"}) == []


def test_the_internal_variable_is_not_mentioned(image: Image) -> None:
    """What the start-up code leaves for itself is not unknown."""
    assert image.warnings({"ORTHANC_STARTUP_PATHS": "/a.json"}) == []


def test_the_catalogue_is_consistent() -> None:
    """Every line has a component and a meaning, every parent is there, every successor exists."""
    for path in CATALOGUE.lines:
        setting = CATALOGUE.setting(path)
        assert setting is not None
        assert setting.summary
        assert CATALOGUE.components[path]
        parent = path.rpartition(".")[0]
        assert not parent or parent in CATALOGUE
        assert not setting.replacement or setting.replacement in CATALOGUE


def test_the_catalogue_reads_its_table() -> None:
    """Comments and blank lines are passed over."""
    small = Catalogue(
        "# comment\n\n[One]\nA | int(1..2) | secret | 1 | 0.1 | Meaning | more\nA.* | any |  |  |  |"
    )
    setting = small.setting("A")
    assert setting is not None
    assert (
        setting.kind,
        setting.limits,
        setting.marks,
        setting.default,
        setting.since,
        setting.summary,
    ) == ("int", (1, 2), ("secret",), "1", "0.1", "Meaning | more")
    assert small.setting("B") is None
    assert small.known(("A", "b")) is not None
    assert small.known(("B",)) is None
    assert small.known(()) is None
    assert small.children("") == {"A": "A"}
    assert "A.*" in small
    assert small.components["A"] == "One"


def test_the_kinds_of_the_table_are_known() -> None:
    """No line has a type that nothing reads."""
    from startup.convert import READERS

    kinds = {setting.kind for setting in map(CATALOGUE.setting, CATALOGUE.lines) if setting is not None}
    assert kinds <= set(READERS)
    assert load().lines == CATALOGUE.lines
