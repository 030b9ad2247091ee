"""The system around Orthanc: user, folders, Python, locale, and what must not be there."""

from __future__ import annotations

import pytest
from testinfra.host import Host

PRUNED = "-path /proc -prune -o -path /sys -prune -o -path /dev -prune -o"
LISTING = f"find / -xdev {PRUNED}"


def listed(host: Host, expression: str) -> list[str]:
    """Return the paths for which an expression of find is true."""
    return sorted(host.check_output(f"{LISTING} {expression} -print").splitlines())


def test_runs_as_orthanc(host: Host) -> None:
    """The image runs as user and group orthanc, both 999, who may not log in."""
    user = host.user()
    assert (user.name, user.uid, user.group, user.gid) == ("orthanc", 999, "orthanc", 999)
    assert user.shell.endswith(("nologin", "false"))


def test_nobody_else_has_its_ids(root_host: Host) -> None:
    """No other entry of passwd and group has the ids 999."""
    for database in ("passwd", "group"):
        entries = [line.split(":") for line in root_host.file(f"/etc/{database}").content_string.splitlines()]
        assert [entry[0] for entry in entries if entry[2] == "999"] == ["orthanc"]


def test_no_password_is_set(root_host: Host) -> None:
    """Nobody can log in with a password, root and orthanc included."""
    for database in ("passwd", "shadow"):
        file = root_host.file(f"/etc/{database}")
        lines = file.content_string.splitlines() if file.exists else []
        entries = [line.split(":") for line in lines]
        assert [name for name, password, *_ in entries if password not in ("x", "*", "!", "!*")] == []


@pytest.mark.parametrize(
    "path", ["/etc/orthanc", "/var/lib/orthanc", "/var/lib/orthanc/db", "/var/lib/orthanc/worklists"]
)
def test_data_belongs_to_orthanc_and_group_0(root_host: Host, path: str) -> None:
    """What Orthanc or a start-up script writes belongs to uid 999, and group 0 may write there too."""
    folder = root_host.file(path)
    assert folder.is_directory
    assert (folder.uid, folder.gid) == (999, 0)
    assert folder.mode & 0o770 == 0o770
    assert folder.mode & 0o002 == 0


@pytest.mark.parametrize(
    "path",
    [
        "/etc/orthanc",
        "/lua-scripts",
        "/probes",
        "/usr/share/orthanc/plugins",
        "/usr/share/orthanc/plugins-available",
    ],
)
def test_folder_is_there_for_every_reader(host: Host, path: str) -> None:
    """The folders that the documentation names exist, and everyone may read them."""
    folder = host.file(path)
    assert folder.is_directory
    assert folder.mode & 0o555 == 0o555
    assert folder.mode & 0o002 == 0


@pytest.mark.parametrize("path", ["/etc/orthanc", "/usr/share/orthanc/plugins", "/var/lib/orthanc/worklists"])
def test_folder_of_the_user_is_empty(host: Host, path: str) -> None:
    """The folders for a user's own files hold nothing in the image."""
    assert host.file(path).listdir() == []


def test_programs_belong_to_root(root_host: Host) -> None:
    """The server cannot change its own programs, libraries, start-up code, probes and scripts."""
    places = "/docker-entrypoint.sh /startup /usr /lua-scripts /probes"
    assert root_host.check_output(f"find {places} ! -type l \\( ! -uid 0 -o -perm /0022 \\)") == ""


def test_nothing_is_setuid(root_host: Host) -> None:
    """No program changes the user or the group that runs it."""
    assert listed(root_host, "-type f -perm /6000") == []


def test_everyone_writes_only_where_it_is_sticky(root_host: Host) -> None:
    """Folders that everyone may write in are those for temporary files."""
    assert listed(root_host, "-type d -perm -0002 ! -perm -1000") == []
    assert listed(root_host, "-type f -perm -0002") == []


@pytest.mark.parametrize("path", ["/usr/sbin/Orthanc", "/usr/local/bin/Orthanc"])
def test_orthanc_is_where_people_look_for_it(host: Host, path: str) -> None:
    """The server answers under both of its paths."""
    assert f"{path} 1.13.0" == host.check_output(f"{path} --version").splitlines()[0]


@pytest.mark.parametrize(
    "program", ["bash", "python3", "config", "OrthancWSIDicomizer", "OrthancWSIDicomToTiff", "Orthanc"]
)
def test_program_is_on_the_path(host: Host, program: str) -> None:
    """The programs that people call by name are on the path."""
    assert host.exists(program)


@pytest.mark.parametrize("file", ["/probes/test-aliveness.py", "/lua-scripts/filter-http-tools-reset.lua"])
def test_documented_file_is_there(host: Host, file: str) -> None:
    """The probe and the script that the documentation names are where it says."""
    assert host.file(file).is_file
    assert host.file(file).mode & 0o444 == 0o444


@pytest.mark.parametrize(
    "module",
    ["ssl", "sqlite3", "ctypes", "zoneinfo", "json", "lzma", "bz2", "zlib", "hashlib", "multiprocessing",
     "xml.etree.ElementTree", "asyncio", "http.client", "uuid", "decimal", "curses", "readline"],
)  # fmt: skip
def test_python_has_its_standard_library(host: Host, module: str) -> None:
    """A Python plugin finds the standard library, the parts in C included."""
    host.check_output(f"python3 -c 'import {module}'")


def test_python_is_the_one_of_the_plugin(host: Host) -> None:
    """python3 on the path is 3.14, the version that the Python plugin is linked to."""
    assert host.check_output("python3 -c 'import sys; print(\"%d.%d\" % sys.version_info[:2])'") == "3.14"
    linked = host.check_output("ldd /usr/share/orthanc/plugins-available/libOrthancPython.so")
    assert "libpython3.14.so" in linked


@pytest.mark.parametrize("name", ["en_US.UTF-8", "C.UTF-8"])
def test_locale_is_usable(host: Host, name: str) -> None:
    """C and Python programs can set the locale, and it speaks UTF-8."""
    assert host.check_output(f"LC_ALL={name} locale charmap") == "UTF-8"
    code = (
        f"import locale; locale.setlocale(locale.LC_ALL, {name!r}); print(locale.nl_langinfo(locale.CODESET))"
    )
    assert host.check_output("python3 -c %s", code) == "UTF-8"


def test_english_sorts_by_code_points(host: Host) -> None:
    """The order of en_US is left out; what sorts has a defined order nevertheless."""
    assert host.check_output(r"printf 'b\nA\na\nB\n' | LC_ALL=en_US.UTF-8 sort").split() == [
        "A",
        "B",
        "a",
        "b",
    ]


def test_locale_is_the_default(host: Host) -> None:
    """Without any setting programs write UTF-8."""
    assert host.check_output("locale charmap") == "UTF-8"


def test_time_zones_are_there(host: Host) -> None:
    """TZ is understood, by C programs and by Python."""
    assert host.check_output("TZ=Europe/Brussels date -d 2024-01-01T11:00Z '+%H:%M %Z'") == "12:00 CET"
    code = "import zoneinfo; print(zoneinfo.ZoneInfo('Asia/Tokyo').key)"
    assert host.check_output("python3 -c %s", code) == "Asia/Tokyo"


def test_certificate_authorities_are_there(host: Host) -> None:
    """Python and OpenSSL find the certificate authorities of the system."""
    count = int(host.check_output("grep -c BEGIN /etc/ssl/certs/ca-certificates.crt"))
    assert count > 100
    code = "import ssl; print(len(ssl.create_default_context().get_ca_certs()))"
    assert count == pytest.approx(int(host.check_output("python3 -c %s", code)), abs=5)


@pytest.mark.parametrize(
    "program",
    ["gcc", "cc", "g++", "ld", "as", "make", "cmake",
     "systemctl", "sudo", "mount", "patchelf", "javac", "gpg"],
)  # fmt: skip
def test_no_tool_of_builders_and_intruders(host: Host, program: str) -> None:
    """There is no compiler, no init system, and nothing that gives more rights."""
    assert not host.exists(program)


@pytest.mark.parametrize(
    "claim",
    [
        (
            "documentation other than licences",
            r"-path '/usr/share/doc/*' -type f ! -name copyright ! -iname 'licen?e*'",
        ),
        ("manual pages", r"-path '/usr/share/man/*' -type f"),
        ("info pages", r"-path '/usr/share/info/*' -type f"),
        ("reports of lintian", r"-path '/usr/share/lintian/*' -type f"),
        ("static libraries", r"-name '*.a' -type f"),
        ("headers", r"-path '/usr/include/*' -type f"),
        ("locale sources", r"-path '/usr/share/i18n/*' -type f"),
        ("logs", r"-path '/var/log/*' -type f"),
        ("caches", r"-path '/var/cache/*' -type f"),
        ("package lists", r"-path '/var/lib/apt/lists/*' -type f"),
        ("temporary files", r"\( -path '/tmp/*' -o -path '/var/tmp/*' \) -type f"),
        ("a machine's identity", r"-path /etc/machine-id -size +0"),
        ("backups", r"-path '/var/*' -name '*-old' -type f"),
        ("keys of ssh or TLS", r"-name '*_key' -type f"),
    ],
    ids=lambda claim: claim[0],
)
def test_image_holds_no(root_host: Host, claim: tuple[str, str]) -> None:
    """Nothing is in the image that only a build, a reader or a log needs."""
    _, expression = claim
    assert listed(root_host, expression) == []


def test_every_package_keeps_its_licence(host: Host) -> None:
    """The copyright file of each package stays in the image, or that of a package of the same source."""
    said = host.check_output("dpkg-query -W -f '${Package} ${source:Package}\\n'")
    sources = dict(line.split() for line in said.splitlines())
    kept = {path.split("/")[0] for path in host.check_output("cd /usr/share/doc && ls */copyright").split()}
    licensed = {source for package, source in sources.items() if package in kept}
    assert [package for package, source in sources.items() if source not in licensed] == []


def test_package_database_is_sound(root_host: Host) -> None:
    """Every package is configured, so that apt-get works in a derived image."""
    assert root_host.check_output("dpkg --audit") == ""
    states = root_host.check_output("dpkg-query -W -f '${db:Status-Status} ${Package}\\n'").splitlines()
    assert [line for line in states if not line.startswith("installed ")] == []


def test_cured_packages_are_held(root_host: Host) -> None:
    """The files that this image has changed belong to packages that an upgrade keeps back.

    What it has made smaller (test_left_out.py) an upgrade may bring back.
    """
    lines = root_host.run("dpkg --verify").stdout.splitlines()
    listed = root_host.check_output("cut -f 2 /usr/share/orthanc/left-out/*").splitlines()
    changed = {line.split()[-1] for line in lines if line.startswith("??5")} - set(listed)
    owners = {root_host.check_output("dpkg --search %s", path).split(":")[0] for path in changed}
    assert owners == set(root_host.check_output("apt-mark showhold").split())
