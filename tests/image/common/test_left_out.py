"""What the image leaves out of its packages: nothing in it needs that, and it is listed."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path

from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag
from testinfra.host import Host

from harness import dicom
from tests.image.conftest import Start

LISTS = "/usr/share/orthanc/left-out"
RULES = Path(__file__).resolve().parents[3] / "base/recipes/left-out.cfg"

REDUCED = ("libicudata.so.", "python3.")
"""What is listed since it holds less than its package says, and not since it is gone."""

NAMES: dict[str, tuple[str, str | bytes]] = {
    "ISO_IR 100": ("Äneas^Rüdiger", "iso8859-1"),
    "ISO_IR 101": ("Wałęsa", "iso8859-2"),
    "ISO_IR 109": ("Ĉapelo", "iso8859-3"),
    "ISO_IR 110": ("Ābele", "iso8859-4"),
    "ISO_IR 144": ("Люксембург", "iso8859-5"),
    "ISO_IR 127": ("قباني^لنزار", "iso8859-6"),
    "ISO_IR 126": ("Διονυσιος", "iso8859-7"),
    "ISO_IR 138": ("שרון^דבורה", "iso8859-8"),
    "ISO_IR 148": ("Çavuşoğlu", "iso8859-9"),
    "ISO_IR 13": ("ﾔﾏﾀﾞ^ﾀﾛｳ", "shift_jis"),
    "ISO_IR 166": ("นามสกุล", "tis-620"),
    "ISO_IR 192": ("Wang^XiaoDong=王^小東", "utf-8"),
    "GB18030": ("Wang^XiaoDong=王^小东", "gb18030"),
    "GBK": ("Wang^XiaoDong=王^小东", "gbk"),
    "\\ISO 2022 IR 87": ("Yamada^Tarou=山田^太郎", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"),
    "\\ISO 2022 IR 149": ("Hong^Gildong=洪^吉洞", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7"),
    "\\ISO 2022 IR 58": ("Zhang^XiaoDong=张^小东", b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab"),
}
"""A name in each character set of DICOM, with the codec of Python for it, or as its bytes."""


def listed(host: Host) -> list[tuple[str, str]]:
    """Return package and path of each file in the lists."""
    lines = host.check_output(f"cat {LISTS}/*").splitlines()
    return [(package, path) for package, _, path in (line.partition("\t") for line in lines)]


def test_the_cache_of_libraries_names_none_that_is_gone(host: Host) -> None:
    paths = "ldconfig -p | sed -n 's/.*=> //p'"
    assert int(host.check_output(f"{paths} | wc -l")) > 50
    assert host.check_output(f'{paths} | while read -r path; do [ -e "$path" ] || echo "$path"; done') == ""


def test_names_in_each_character_set_are_read(start: Start) -> None:
    """ICU and glibc keep all converters that DICOM needs."""
    server = start()
    found = {}
    for number, (charset, (name, codec)) in enumerate(NAMES.items()):
        raw = codec if isinstance(codec, bytes) else name.encode(codec)
        one = dicom.ct(number, patient=f"charset-{number}", size=4)
        one.SpecificCharacterSet = charset.split("\\")
        tag = Tag("PatientName")
        one._dict[tag] = RawDataElement(tag, "PN", len(raw), raw, 0, False, True, True)
        answer = server.upload(dicom.encoded(one))
        found[charset] = server.json(f"/instances/{answer['ID']}/simplified-tags")["PatientName"]
    assert found == {charset: name for charset, (name, _) in NAMES.items()}


def test_every_rule_leaves_something_out(host: Host) -> None:
    """One that matches nothing any more would hide that a package has changed."""
    rules = re.findall(r"^path-exclude=(.+)$", RULES.read_text(), re.MULTILINE)
    paths = [path for _, path in listed(host)]
    assert [rule for rule in rules if not any(fnmatch.fnmatchcase(path, rule) for path in paths)] == []


def test_only_what_is_listed_is_gone_or_changed(root_host: Host) -> None:
    """Beside what dpkg's rules keep from derived images too, and what belongs to the user or a machine."""
    said = [line.split() for line in root_host.run("dpkg --verify").stdout.splitlines()]
    known = listed(root_host)
    paths = {path for _, path in known}
    rules = root_host.check_output("cat /etc/dpkg/dpkg.cfg.d/image")
    never = re.findall(r"^path-exclude=(.+)$", rules, re.MULTILINE)
    gone = {words[-1] for words in said if words[0] == "missing"} - paths
    unknown = [
        path
        for path in gone
        if not path.startswith(("/etc/orthanc/", "/var/"))
        and not any(fnmatch.fnmatchcase(path, rule) for rule in never)
        and not any(one.startswith(f"{path}/") for one in paths)
    ]
    assert sorted(unknown) == []
    there = root_host.run(f"cut -f 2 {LISTS}/* | xargs -d '\\n' ls -d 2>/dev/null").stdout.splitlines()
    assert [path for path in there if not path.rpartition("/")[2].startswith(REDUCED)] == []
    assert set(there) <= {words[-1] for words in said if words[0].startswith("??5")}
    assert {package for package, _ in known} <= set(
        root_host.check_output("dpkg-query -W -f '${Package}\\n'").split()
    )


def test_python_is_in_the_image_once(host: Host) -> None:
    """Its interpreter is a call into the library that Orthanc's plugin loads."""
    program = host.check_output("readlink -f /usr/bin/python3")
    assert host.file(program).size < 100_000
    assert "libpython3." in host.check_output("ldd %s", program)
    assert host.check_output("find / -xdev -name 'libpython3.*.so.*' -type f | wc -l") == "1"


def test_every_library_finds_what_it_needs(host: Host) -> None:
    """Nothing that is left out is missing in any library or program."""
    said = host.run(
        "find /usr /opt -type f \\( -name '*.so' -o -name '*.so.*' -o -perm /111 \\) -print0"
        " | xargs -0 -n 100 -P 2 ldd 2>/dev/null"
    )
    lines = said.stdout.splitlines()
    assert len(lines) > 1000
    assert sorted({line.strip() for line in lines if "not found" in line}) == []
