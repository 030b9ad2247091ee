"""How a container of the image starts, runs, stops, and starts again."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from testinfra.host import Host

from harness import certificates, containers, dicom
from harness.containers import LABEL, LOGIN, USERS, Orthanc
from tests.image.conftest import Run, Start

REFUSED = 78

DEFAULT = {"gdcm", "orthanc-explorer-2"}
"""The plugins that are loaded without any switch."""

SWITCHES = {
    "CONNECTIVITY_CHECKS_PLUGIN_ENABLED": "connectivity-checks",
    "DELAYED_DELETION_PLUGIN_ENABLED": "delayed-deletion",
    "DICOM_WEB_PLUGIN_ENABLED": "dicom-web",
    "HOUSEKEEPER_PLUGIN_ENABLED": "housekeeper",
    "MULTITENANT_DICOM_PLUGIN_ENABLED": "multitenant-dicom",
    "NEURO_PLUGIN_ENABLED": "neuro",
    "ORTHANC_WEB_VIEWER_PLUGIN_ENABLED": "web-viewer",
    "PYTHON_PLUGIN_ENABLED": "python",
    "SERVE_FOLDERS_PLUGIN_ENABLED": "serve-folders",
    "WORKLISTS_PLUGIN_ENABLED": "orthanc-worklists",
    "WSI_PLUGIN_ENABLED": "wsi",
}
"""Variable to the name under which the plugin registers itself; Gdcm is on without one."""

SECTIONS = {
    "ORTHANC__DICOM_WEB__ROOT": ("/web/", "dicom-web"),
    "ORTHANC__HOUSEKEEPER__THROTTLE_DELAY": ("5", "housekeeper"),
    "ORTHANC__SERVE_FOLDERS": ('{"/files": "/lua-scripts"}', "serve-folders"),
    "ORTHANC__WORKLISTS__DATABASE": ("/var/lib/orthanc/worklists", "orthanc-worklists"),
}
"""A setting in a plugin's section to its value and the plugin that it turns on."""

KEPT = ["/var/lib/orthanc/db"]
"""An anonymous volume for the storage, without which a read-only container has nowhere to keep files."""

HARDENED: dict[str, dict[str, Any]] = {
    "as root": {"user": "0:0"},
    "any uid with gid 0": {"user": "12345:0"},
    "read-only": {"read_only": True, "volumes": KEPT, "tmpfs": {"/tmp": ""}},
    "read-only without /tmp": {"read_only": True, "volumes": KEPT},
    "no capabilities": {"cap_drop": ["ALL"], "security_opt": ["no-new-privileges"]},
    "all at once": {
        "user": "12345:0",
        "read_only": True,
        "volumes": KEPT,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
    },
}


def own_lines(log: str) -> list[str]:
    """Return the lines of a log that Orthanc has not written."""
    return [line for line in log.splitlines() if not re.match(r"[EWIT]\d{4} ", line)]


def complaints(log: str) -> list[str]:
    """Return lines of ours that warn or report an error, and Orthanc's own errors."""
    ours = [line for line in own_lines(log) if re.search("warn|error|traceback|exception", line, re.I)]
    return ours + [line for line in log.splitlines() if re.match(r"E\d{4} ", line)]


def test_command_runs_instead_of_orthanc(run: Run) -> None:
    """Bash runs in place of Orthanc, as user orthanc, and its words and exit code come through."""
    assert run("bash", "-c", "echo $(id -u):$(id -g); echo oops >&2; exit 3") == (3, "999:999\n", "oops\n")


def test_normal_start_is_quiet(start: Start) -> None:
    """A normal start writes no warning of ours and no error of Orthanc's."""
    assert complaints(start().logs()) == []


def test_first_lines_say_what_starts(start: Start) -> None:
    """Image, version, variant and plugins, then the sources of the configuration."""
    first, second = own_lines(start().logs())[:2]
    assert re.fullmatch(r"Image orthanc \d+\.\d+\.\d+, variant (default|full), plugins: .*Gdcm.*\.", first)
    assert re.fullmatch(r"Configuration from .*\d variables?.*\.", second)


def test_normal_stop_is_quiet(start: Start) -> None:
    """Neither does a normal stop."""
    server = start()
    server.stop()
    assert complaints(server.logs()) == []


def test_orthanc_is_the_first_process(orthanc: Orthanc) -> None:
    """The start-up code has become Orthanc, so signals reach it and nothing waits in between."""
    assert orthanc.run("cat", "/proc/1/comm").stdout == "Orthanc\n"
    processes = orthanc.run("bash", "-c", "ls -d /proc/[0-9]*").stdout.split()
    assert "/proc/1" in processes


def test_configuration_is_for_its_owner_only(orthanc: Orthanc) -> None:
    """Nobody but the user of the server reads the generated configuration."""
    assert orthanc.run("stat", "--format=%a %u", "/tmp/orthanc.json").stdout == "600 999\n"


def test_version(orthanc: Orthanc) -> None:
    """The server is Orthanc 1.13.0 and stores where the documentation says."""
    assert orthanc.json("/system")["Version"] == "1.13.0"
    assert orthanc.run("stat", "--format=%u", "/var/lib/orthanc/db/index").stdout.strip() == "999"


def test_nobody_enters_without_a_password(orthanc: Orthanc) -> None:
    """Authentication is on by default."""
    assert orthanc.get("/system", auth=("demo", "wrong")).status_code == 401
    assert orthanc.get("/system", auth=lambda request: request).status_code == 401


def test_refuses_to_start_without_users(start: Start) -> None:
    """Without a user the container ends before Orthanc starts, and says which variable to set."""
    server = start(users=False, wait=False)
    assert server.wait_for_exit() == REFUSED
    assert "ORTHANC__REGISTERED_USERS" in server.logs()
    assert "Orthanc version" not in server.logs()


def test_starts_without_users_when_told_so(start: Start) -> None:
    """Whoever turns authentication off gets an open server."""
    server = start({"ORTHANC__AUTHENTICATION_ENABLED": "false"}, users=False)
    assert server.get("/system", auth=lambda request: request).status_code == 200


@pytest.mark.parametrize(
    ("environment", "where"),
    [
        ({"ORTHANC__AUTHENTICATION_ENABLED": "false"}, "ORTHANC__AUTHENTICATION_ENABLED"),
        ({"ORTHANC_PASSWORD": "orthanc"}, "ORTHANC_PASSWORD"),
    ],
)
def test_a_server_that_anybody_can_enter_says_so(
    start: Start, run: Run, environment: dict[str, str], where: str
) -> None:
    """Once at its start, and once in `config check`, which finds that it would start."""
    server = start(environment, users=False)
    (said,) = [line for line in own_lines(server.logs()) if line.startswith("Warning: ")]
    assert said.startswith(f"Warning: {where}")
    checked = run("config", "check", environment=environment)
    assert (checked.code, checked.stderr) == (0, f"{said}\n")
    assert checked.stdout == "Orthanc would start, with 1 warning (see above).\n"


def test_only_gdcm_and_the_pages_are_on_by_default(start: Start) -> None:
    """Without any switch nothing else is loaded."""
    assert start().plugins() == DEFAULT


def test_no_plugin_when_both_are_off(start: Start) -> None:
    """With the two that are on by default switched off, there is no plugin at all."""
    off = {"GDCM_PLUGIN_ENABLED": "false", "ORTHANC_EXPLORER_2_ENABLED": "false"}
    assert set() == start(off).plugins()


@pytest.mark.parametrize("switch", SWITCHES)
def test_switch_loads_its_plugin_and_no_other(start: Start, switch: str) -> None:
    """A plugin's switch loads it, and the log has nothing to complain of."""
    server = start({switch: "true"})
    assert {*DEFAULT, SWITCHES[switch]} == server.plugins()
    assert complaints(server.logs()) == []


@pytest.mark.parametrize("variable", SECTIONS)
def test_section_loads_its_plugin_and_no_other(start: Start, variable: str) -> None:
    """A setting in a plugin's section loads it."""
    value, plugin = SECTIONS[variable]
    assert {*DEFAULT, plugin} == start({variable: value}).plugins()


def test_all_plugins_live_together(start: Start) -> None:
    """Every plugin that needs no database can be on at once."""
    server = start(dict.fromkeys(SWITCHES, "true"))
    assert {*DEFAULT, *SWITCHES.values()} == server.plugins()


def test_switch_wins_over_section(start: Start) -> None:
    """A plugin whose switch is false stays out, whatever its section says."""
    server = start({"ORTHANC__DICOM_WEB__ROOT": "/web/", "DICOM_WEB_PLUGIN_ENABLED": "false"})
    assert server.plugins() == DEFAULT


@pytest.mark.parametrize(
    ("section", "plugin"), [("POSTGRESQL", "postgresql-index"), ("MYSQL", "mysql-index")]
)
def test_database_plugin_tries_to_connect(start: Start, section: str, plugin: str) -> None:
    """A database plugin is loaded and looks for its server where it was told to."""
    server = start({f"ORTHANC__{section}__HOST": "127.0.0.1", f"ORTHANC__{section}__PORT": "9"}, wait=False)
    server.wait_for_log(f"Registering plugin '{plugin}'", timeout=20)
    end = time.monotonic() + 20
    while not (found := re.search(rf"W\d{{4}} .*{plugin}:.* The next try is in 5 s", server.logs())):
        assert time.monotonic() < end
        time.sleep(0.2)
    assert found


def test_files_secrets_and_variables_make_one_configuration(start: Start) -> None:
    """JSON files, ORTHANC_JSON and variables merge, and the later source wins."""
    server = start(
        {
            "ORTHANC_JSON": '{"DicomAet": "FROMJSON", "Name": "from json"}',
            "ORTHANC__DICOM_AET": "FROMENV",
        },
        files={
            "/etc/orthanc/a.json": '{"Name": "a", "StableAge": 7, /* a comment */ "HttpPort": 8042}',
            "/etc/orthanc/b.json": '{"Name": "b", "DicomAet": "FROMFILE"} // another',
        },
    )
    said = server.json("/system")
    assert (said["Name"], said["DicomAet"], said["HttpPort"]) == ("from json", "FROMENV", 8042)


def test_secrets_are_read(start: Start) -> None:
    """A secret with the name of a variable is that variable, and one in JSON is a file of settings."""
    server = start(
        users=False,
        files={
            "/run/secrets/ORTHANC__REGISTERED_USERS": USERS["ORTHANC__REGISTERED_USERS"] + "\n",
            "/run/secrets/more.json": '{"DicomAet": "SECRET"}',
        },
    )
    assert server.json("/system")["DicomAet"] == "SECRET"


def test_script_runs_before_orthanc(start: Start) -> None:
    """BEFORE_ORTHANC_STARTUP_SCRIPT runs first, as the same user."""
    server = start(
        {"BEFORE_ORTHANC_STARTUP_SCRIPT": "/usr/local/bin/first"},
        files={"/usr/local/bin/first": "#!/bin/sh\nid -u > /var/lib/orthanc/first\n"},
    )
    assert server.run("cat", "/var/lib/orthanc/first").stdout == "999\n"


def test_host_id_is_forced(start: Start) -> None:
    """FORCE_HOST_ID is what gethostid returns, for DCMTK and every other program."""
    server = start({"FORCE_HOST_ID": "1234abcd"})
    assert server.run("hostid").stdout == "1234abcd\n"


def test_host_ids_differ(start: Start) -> None:
    """Each container has a host id of its own."""
    first, second = (start().run("hostid").stdout for _ in range(2))
    assert first != second


def test_reset_reads_the_configuration_anew(start: Start) -> None:
    """With the Lua script of the image, POST /tools/reset makes the configuration again."""
    server = start(
        {"ORTHANC__LUA_SCRIPTS": '["/lua-scripts/filter-http-tools-reset.lua"]'},
        files={"/etc/orthanc/name.json": '{"Name": "before"}'},
    )
    before = server.process
    assert server.json("/system")["Name"] == "before"
    server.write("/etc/orthanc/name.json", '{"Name": "after"}')
    assert server.post("/tools/reset").status_code == 200
    end = time.monotonic() + 20
    while name(server) == "before" and time.monotonic() < end:
        time.sleep(0.2)
    server.wait_until_ready()
    assert server.json("/system")["Name"] == "after"
    assert before == server.process


def test_reset_is_refused_when_the_configuration_is_broken(start: Start) -> None:
    """A reset that would load a broken configuration does not happen, and the server goes on."""
    server = start(
        {"ORTHANC__LUA_SCRIPTS": '["/lua-scripts/filter-http-tools-reset.lua"]'},
        files={"/etc/orthanc/name.json": '{"Name": "before"}'},
    )
    server.write("/etc/orthanc/name.json", '{"Name": oops}')
    assert 400 <= server.post("/tools/reset").status_code < 500
    assert server.json("/system")["Name"] == "before"
    assert "/etc/orthanc/name.json" in server.logs()


def name(server: Orthanc) -> str:
    """Return the name that the server gives itself; that of before while it restarts."""
    try:
        return str(server.json("/system")["Name"])
    except requests.RequestException:
        return "before"


def test_broken_file_is_told_with_its_place(start: Start) -> None:
    """A file that is not JSON ends the container with its name, and Orthanc is not started."""
    server = start(files={"/etc/orthanc/broken.json": '{"Name": "x",\n  oops}'}, wait=False)
    assert server.wait_for_exit() == REFUSED
    assert "/etc/orthanc/broken.json" in server.logs()
    assert "Orthanc version" not in server.logs()


@pytest.mark.parametrize("way", HARDENED)
def test_runs_with_fewer_rights(start: Start, way: str) -> None:
    """The server keeps and returns an instance with fewer rights, or other ones, than it has by default."""
    server = start(**HARDENED[way])
    instance = dicom.encoded(dicom.ct(patient=way))
    assert instance == server.get(f"/instances/{server.upload(instance)['ID']}/file").content
    assert complaints(server.logs()) == []


def test_storage_that_cannot_be_written_is_told(start: Start) -> None:
    """A storage folder of somebody else ends the container with the folder's name and our uid."""
    server = start(tmpfs={"/var/lib/orthanc/db": "uid=4321,gid=4321,mode=0700"}, wait=False)
    assert server.wait_for_exit() == REFUSED
    assert "/var/lib/orthanc/db" in server.logs()
    assert "999" in server.logs()


def health(server: Orthanc, *, wanted: str, timeout: float) -> str:
    """Return the container's health once it is as wanted, or when the time is up."""
    end = time.monotonic() + timeout * containers.patience
    while (now := str(server.state["Health"]["Status"])) != wanted and time.monotonic() < end:
        time.sleep(0.25)
    return now


HEALTHY: dict[str, dict[str, str]] = {
    "by default": {},
    "on another port": {"ORTHANC__HTTP_PORT": "8050"},
    "without authentication": {"ORTHANC__AUTHENTICATION_ENABLED": "false"},
    "over HTTPS": {
        "ORTHANC__SSL_ENABLED": "true",
        "ORTHANC__SSL_CERTIFICATE": "/etc/orthanc/https.pem",
    },
    "with HTTP turned off": {"ORTHANC__HTTP_SERVER_ENABLED": "false"},
}


@pytest.mark.parametrize("way", HEALTHY)
def test_becomes_healthy(start: Start, way: str) -> None:
    """The HEALTHCHECK knows from the configuration how to ask the server."""
    server = start(
        HEALTHY[way],
        wait=False,
        healthcheck={"interval": 1_000_000_000},
        files={"/etc/orthanc/https.pem": certificates.server("localhost")},
    )
    assert health(server, wanted="healthy", timeout=20) == "healthy", server.state["Health"]["Log"]


def test_probe_fails_where_nothing_answers(host: Host) -> None:
    """Without a server the probe says so with its exit code."""
    assert host.run("/probes/test-aliveness.py").rc == 1


def test_stops_by_sigterm(start: Start) -> None:
    """SIGTERM ends the server within five seconds, with exit code 0 and its goodbye in the log."""
    server = start({"DICOM_WEB_PLUGIN_ENABLED": "true"})
    server.upload(dicom.encoded(dicom.ct(patient="stop")))
    assert server.stop(timeout=20) < 5
    assert server.exit_code == 0
    assert "Orthanc has stopped" in server.logs()


def test_sigterm_ends_the_start_up(start: Start) -> None:
    """SIGTERM during start-up ends the container at once, and Orthanc is not started."""
    server = start({"BEFORE_ORTHANC_STARTUP_SCRIPT": "sleep 60"}, wait=False)
    end = time.monotonic() + 10
    running = ["sh", "-c", "cat /proc/[0-9]*/cmdline"]
    while b"sleep\x0060" not in server.container.exec_run(running).output and time.monotonic() < end:
        time.sleep(0.1)
    assert server.stop(timeout=20) < 3
    assert server.exit_code == 143
    assert "Orthanc version" not in server.logs()


def test_restart_keeps_the_data(start: Start) -> None:
    """A container that is stopped and started again still has what it was given."""
    server = start()
    instance = dicom.encoded(dicom.ct(patient="restart"))
    identifier = server.upload(instance)["ID"]
    before = server.process
    server.stop()
    server.start_again()
    assert before != server.process
    assert instance == server.get(f"/instances/{identifier}/file").content
    assert complaints(server.logs()) == []


@pytest.fixture
def volume(client: Any) -> Iterator[str]:
    """Yield the name of a volume that is gone after the test."""
    made = client.volumes.create(labels={LABEL: "volume"})
    yield made.name
    made.remove()


def test_volume_keeps_the_data(volume: str, start: Start) -> None:
    """A new container with the volume of an old one has the old one's instances."""
    mounted = {volume: {"bind": "/var/lib/orthanc/db", "mode": "rw"}}
    first = start(volumes=mounted)
    instance = dicom.encoded(dicom.ct(patient="volume"))
    identifier = first.upload(instance)["ID"]
    first.stop()
    second = start(volumes=mounted)
    assert instance == second.get(f"/instances/{identifier}/file").content


def test_config_checks_without_starting(run: Run) -> None:
    """The command `config check` says 0 for a good configuration and 78 for a wrong one."""
    assert run("config", "check", environment=USERS).code == 0
    assert run("config", "check").code == REFUSED


def test_config_prints_what_orthanc_would_load(run: Run) -> None:
    """The command `config print` writes the configuration as JSON, without the passwords."""
    printed = run("config", "print", environment={**USERS, "ORTHANC__STABLE_AGE": "7"})
    assert printed.code == 0, printed.stderr
    configuration = json.loads(printed.stdout)
    assert configuration["StableAge"] == 7
    assert configuration["StorageDirectory"] == "/var/lib/orthanc/db"
    assert list(configuration["RegisteredUsers"]) == ["demo"]
    assert configuration["RegisteredUsers"]["demo"] != LOGIN[1]


def test_variables_of_glibc_reach_orthanc(start: Start) -> None:
    """What docs/memory.md tells to set is in the environment of Orthanc's process, and worth no warning."""
    server = start({"MALLOC_MMAP_THRESHOLD_": "1048576"})
    assert b"MALLOC_MMAP_THRESHOLD_=1048576" in server.read("/proc/1/environ").split(b"\0")
    assert "MALLOC" not in server.logs()
