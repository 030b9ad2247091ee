"""The recipes of the root file system: what a layer adds, and what a rule leaves out."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import cramjam
import pytest

RECIPES = Path(__file__).parents[4] / "base/recipes"
EARLIER, EPOCH = 1_700_000_000, 1_793_347_681


def ran(recipe: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    """Run a recipe as the build does: a program of its own, that leaves no bytecode beside it."""
    argv = [sys.executable, "-B", str(RECIPES / recipe), *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


class Roots:
    """A root file system before and after a step, and the layer that this makes."""

    def __init__(self, folder: Path) -> None:
        self.before, self.after, self.layer = (folder / name for name in ("before", "after", "layer"))
        for root in (self.before, self.after):
            root.mkdir()

    def both(self, name: str, content: str = "same", mode: int = 0o644) -> None:
        for root in (self.before, self.after):
            self.write(root, name, content, mode)

    @staticmethod
    def write(root: Path, name: str, content: str, mode: int = 0o644) -> Path:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(mode)
        os.utime(path, (EARLIER, EARLIER))
        return path

    def difference(self) -> dict[str, str]:
        """Return kind or content of everything in the layer."""
        done = ran("difference.py", self.before, self.after, self.layer)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        return {str(path.relative_to(self.layer)): shown(path) for path in sorted(self.layer.rglob("*"))}


def shown(path: Path) -> str:
    if path.is_symlink():
        return f"→ {path.readlink()}"
    return "folder" if path.is_dir() else path.read_text()


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    return Roots(tmp_path)


def test_a_layer_has_what_is_new_or_changed_and_nothing_else(roots: Roots) -> None:
    roots.both("usr/bin/old")
    roots.both("etc/changed", "before")
    roots.write(roots.after, "etc/changed", "afterwards")
    roots.write(roots.after, "usr/lib/new/file", "new")
    assert roots.difference() == {
        "etc": "folder",
        "etc/changed": "afterwards",
        "usr": "folder",
        "usr/lib": "folder",
        "usr/lib/new": "folder",
        "usr/lib/new/file": "new",
    }


def test_a_change_that_keeps_size_and_time_is_seen(roots: Roots) -> None:
    """All that the steps write has the same time, that of the snapshot."""
    roots.both("etc/passwd", "one")
    roots.write(roots.after, "etc/passwd", "two")
    assert roots.difference() == {"etc": "folder", "etc/passwd": "two"}


def test_another_time_alone_is_no_change(roots: Roots) -> None:
    roots.both("etc/passwd")
    os.utime(roots.after / "etc/passwd", (EPOCH, EPOCH))
    assert roots.difference() == {}


@pytest.mark.parametrize("name", ["file", "folder"])
def test_another_mode_is_a_change(roots: Roots, name: str) -> None:
    roots.both("file")
    for root in (roots.before, roots.after):
        (root / "folder").mkdir(mode=0o755)
    (roots.after / name).chmod(0o700)
    assert list(roots.difference()) == [name]
    assert (roots.layer / name).stat().st_mode & 0o7777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_owners_and_special_bits_are_kept(roots: Roots) -> None:
    path = roots.write(roots.after, "bin/tool", "x")
    os.chown(path, 999, 0)
    path.chmod(0o4755)
    roots.difference()
    state = (roots.layer / "bin/tool").stat()
    assert (state.st_uid, state.st_gid, state.st_mode & 0o7777) == (999, 0, 0o4755)


def test_links_are_kept_as_links(roots: Roots) -> None:
    roots.both("usr/lib/a.so.1")
    for root, target in ((roots.before, "a.so.1"), (roots.after, "a.so.2")):
        (root / "usr/lib/a.so").symlink_to(target)
        (root / "usr/lib/same.so").symlink_to("a.so.1")
    roots.write(roots.after, "usr/lib/a.so.2", "two")
    (roots.after / "lib").symlink_to("usr/lib")
    (roots.after / "lost").symlink_to("nowhere")
    assert roots.difference() == {
        "lib": "→ usr/lib",
        "lost": "→ nowhere",
        "usr": "folder",
        "usr/lib": "folder",
        "usr/lib/a.so": "→ a.so.2",
        "usr/lib/a.so.2": "two",
    }


def test_a_file_with_several_names_stays_one_file(roots: Roots) -> None:
    one = roots.write(roots.after, "bin/one", "x")
    (roots.after / "sbin").mkdir()
    (roots.after / "sbin/two").hardlink_to(one)
    roots.difference()
    assert (roots.layer / "bin/one").stat().st_ino == (roots.layer / "sbin/two").stat().st_ino


def test_a_new_name_of_an_old_file_is_a_file_of_its_own(roots: Roots) -> None:
    roots.both("bin/one")
    (roots.after / "bin/two").hardlink_to(roots.after / "bin/one")
    assert roots.difference() == {"bin": "folder", "bin/two": "same"}


def test_times_are_kept_those_of_folders_and_links_too(roots: Roots) -> None:
    file = roots.write(roots.after, "usr/lib/file", "x")
    link = roots.after / "usr/link"
    link.symlink_to("lib")
    os.utime(link, (EARLIER + 1, EARLIER + 1), follow_symlinks=False)
    for number, path in enumerate((file.parent, file.parent.parent, roots.after), 2):
        os.utime(path, (EARLIER + number, EARLIER + number))
    roots.difference()
    places = [roots.layer / name for name in ("usr/lib/file", "usr/link", "usr/lib", "usr", "")]
    assert [int(path.lstat().st_mtime) - EARLIER for path in places] == [0, 1, 2, 3, 4]


def test_a_file_that_is_gone_is_refused(roots: Roots) -> None:
    roots.both("etc/stays")
    for name in ("etc/gone", "usr/too"):
        roots.write(roots.before, name, "x")
    done = ran("difference.py", roots.before, roots.after, roots.layer)
    assert done.returncode == 1
    assert done.stderr == (
        "usr: is gone in this layer. Keep it, or leave it out below.\n"
        "etc/gone: is gone in this layer. Keep it, or leave it out below.\n"
        "usr/too: is gone in this layer. Keep it, or leave it out below.\n"
    )
    assert not roots.layer.exists()


def test_what_is_neither_file_folder_nor_link_is_refused(roots: Roots) -> None:
    os.mkfifo(roots.after / "pipe")
    done = ran("difference.py", roots.before, roots.after, roots.layer)
    assert done.stderr == (
        f"{roots.after}/pipe: is neither a file, a folder nor a link. Take it out in tidy.\n"
    )


def test_two_runs_make_the_same_layer(roots: Roots) -> None:
    for name in ("b", "a", "d/c"):
        roots.write(roots.after, name, name)
    first = roots.difference()
    roots.layer.rename(roots.layer.with_name("first"))
    assert roots.difference() == first


RULES = """\
# dpkg's
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/lib/*.a
force-unsafe-io
"""


def test_the_last_rule_that_matches_a_path_decides(tmp_path: Path) -> None:
    """As in dpkg, a star matches slashes too; a folder goes when it is excluded and nothing is left in it.

    A link to a folder stays: a package may have its licence through one.
    """
    root, rules = tmp_path / "root", tmp_path / "rules"
    rules.write_text(RULES)
    for name in (
        "usr/share/doc/a/copyright",
        "usr/share/doc/a/examples/x",
        "usr/share/doc/b/readme",
        "usr/share/docs",
        "usr/lib/x/y/z.a",
        "usr/lib/z.so",
        "var/lib/z.a",
    ):
        Roots.write(root, name, "")
    (root / "usr/share/doc/c").symlink_to("a")
    done = ran("leave_out.py", rules, root)
    assert (done.returncode, done.stderr) == (0, "")
    left = [path for path in sorted(root.rglob("*")) if not path.is_dir() or path.is_symlink()]
    assert [str(path.relative_to(root)) for path in left] == [
        "usr/lib/z.so",
        "usr/share/doc/a/copyright",
        "usr/share/doc/c",
        "usr/share/docs",
        "var/lib/z.a",
    ]
    assert sorted(path.name for path in (root / "usr/share/doc").iterdir()) == ["a", "c"]
    assert sorted(path.name for path in (root / "usr/share/doc/a").iterdir()) == ["copyright"]
    assert (root / "usr/lib/x/y").is_dir()


def test_the_images_own_rules_keep_licences_and_take_headers_out(tmp_path: Path) -> None:
    for name in ("usr/share/doc/a/copyright", "usr/include/a.h", "usr/share/man/a", "usr/bin/a"):
        Roots.write(tmp_path / "root", name, "")
    assert ran("leave_out.py", RECIPES / "dpkg.cfg", tmp_path / "root").returncode == 0
    left = [path for path in sorted((tmp_path / "root").rglob("*")) if path.is_file()]
    assert [str(path.relative_to(tmp_path / "root")) for path in left] == [
        "usr/bin/a",
        "usr/share/doc/a/copyright",
    ]


PROGRAM = bytes(cramjam.zstd.compress(os.urandom(999)))
SCRIPT = b'let p="read-tags",{w:a}=await R(p,i,o,{pipelineBaseUrl:B()});run("dicom",[]);' + b"let a = 1;" * 99


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """Return the archives of VolView, as the npm registry has them, with what matters to the recipe."""
    folder = tmp_path / "archives"
    folder.mkdir()
    page = (
        '<link rel="stylesheet" '
        'href="https://fonts.googleapis.com/css?family=Roboto:100,300,400,500,700,900"/>'
        '<link href="https://cdn.jsdelivr.net/npm/@mdi/font@latest/css/materialdesignicons.min.css"/>'
    )
    archived(
        folder / "volview.tgz",
        {
            "LICENSE": b"terms",
            "dist/index.html": page.encode() * 9,
            "dist/assets/index-12345678.js": SCRIPT,
            "dist/assets/index-12345678.js.map": b"{}",
            "dist/itk/pipelines/dicom.wasm": b"raw",
            "dist/itk/pipelines/dicom.wasm.zst": PROGRAM,
            "dist/itk/pipelines/write.wasm.zst": PROGRAM,
            "dist/itk/pipelines/write.js": b"write",
            "dist/itk/pipelines/read-tags.wasm.zst": PROGRAM,
            "src/index.ts": b"source",
        },
    )
    archived(
        folder / "volview-icons.tgz",
        {
            "LICENSE": b"other terms",
            "css/materialdesignicons.min.css": b".mdi {}" * 99,
            "css/materialdesignicons.css": b".mdi {}",
            "fonts/materialdesignicons-webfont.woff2": bytes(999),
            "fonts/materialdesignicons-webfont.eot": b"old",
        },
    )
    return folder


def archived(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def test_a_viewer_has_what_browsers_ask_for_compressed_where_that_pays(
    archives: Path, tmp_path: Path
) -> None:
    """Its page leads to no other host, and no source, map, twin or program that no script names is there."""
    assert ran("viewers.py", archives, tmp_path / "out").stderr == ""
    home = tmp_path / "out/usr/share/orthanc/viewers/volview"
    assert sorted(str(one.relative_to(home)) for one in home.rglob("*") if one.is_file()) == [
        "assets/index-12345678.js.gz",
        "icons/css/materialdesignicons.min.css.gz",
        "icons/fonts/materialdesignicons-webfont.woff2",
        "index.html.gz",
        "index.json",
        "itk/pipelines/dicom.wasm.zst",
        "itk/pipelines/read-tags.wasm.zst",
    ]
    page = gzip.decompress((home / "index.html.gz").read_bytes()).decode()
    assert page == '<link href="./icons/css/materialdesignicons.min.css"/>' * 9
    index = json.loads((home / "index.json").read_text())
    assert index["assets/index-12345678.js"] == {
        "type": "text/javascript; charset=utf-8",
        "size": len(SCRIPT),
        "sha256": hashlib.sha256(SCRIPT).hexdigest(),
        "gzip": True,
        "lasting": True,
    }
    assert [(one["gzip"], one["lasting"]) for one in index.values()] == [
        (True, True),
        (True, False),
        (False, False),
        (True, False),
        (False, False),
        (False, False),
    ]
    licences = tmp_path / "out/usr/share/doc"
    assert (licences / "volview/copyright").read_text() == "terms"
    assert (licences / "volview-icons/copyright").read_text() == "other terms"


@pytest.mark.parametrize(
    ("script", "called"),
    [(SCRIPT.replace(b"read-tags", b"read-all"), "read-all"), (b'run("dicom",[])', "no program of ITK-Wasm")],
)
def test_a_script_that_calls_what_is_not_there_stops_the_build(
    archives: Path, tmp_path: Path, script: bytes, called: str
) -> None:
    files = {"LICENSE": b"terms", "dist/index.js": script, "dist/itk/pipelines/read-tags.wasm.zst": b"x"}
    archived(archives / "volview.tgz", files)
    done = ran("viewers.py", archives, tmp_path / "out")
    message = f"volview: its scripts call {called}. See what the package is made of now.\n"
    assert (done.returncode, done.stderr) == (1, message)


ZSTD = """
def decompress(content):
    return b"program"

def compress(content, level):
    return b"%s at %d" % (content, level)
"""


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="there, every test compresses with the real thing")
def test_programs_are_compressed_again(
    archives: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the zstd of the Python in the container of tools; here, by something that takes its place."""
    (tmp_path / "compression").mkdir()
    (tmp_path / "compression/zstd.py").write_text(ZSTD)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert ran("viewers.py", archives, tmp_path / "out").stderr == ""
    pipelines = tmp_path / "out/usr/share/orthanc/viewers/volview/itk/pipelines"
    assert [one.read_bytes() for one in sorted(pipelines.glob("*.wasm.zst"))] == [b"program at 9"] * 2


def test_the_pages_of_a_viewer_are_the_same_bytes_each_time(archives: Path, tmp_path: Path) -> None:
    contents = []
    for name in ("one", "two"):
        ran("viewers.py", archives, tmp_path / name)
        files = sorted(one for one in (tmp_path / name).rglob("*") if one.is_file())
        contents.append([(str(one.relative_to(tmp_path / name)), one.read_bytes()) for one in files])
    assert contents[0] == contents[1] != []


def test_a_viewer_of_which_a_part_is_absent_is_left_out(archives: Path, tmp_path: Path) -> None:
    (archives / "volview-icons.tgz").unlink()
    assert ran("viewers.py", archives, tmp_path / "out").returncode == 0
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"LICENSE": b"terms", "dist/index.html": b"<title>VolView</title>"},
            "volview: index.html has no 'https://cdn.jsdelivr.net/npm/@mdi/font@latest/css/"
            "materialdesignicons.min.css' any more. See how the page says that now.",
        ),
        (
            {"dist/index.html": b""},
            "{archives}/volview.tgz: has no package/dist/ or no LICENSE. "
            "See what the package is made of now.",
        ),
    ],
)
def test_a_bundle_that_has_changed_stops_the_build(
    archives: Path, tmp_path: Path, files: dict[str, bytes], message: str
) -> None:
    archived(archives / "volview.tgz", files)
    done = ran("viewers.py", archives, tmp_path / "out")
    assert (done.returncode, done.stderr.strip()) == (1, message.replace("{archives}", str(archives)))


def test_a_file_whose_type_nobody_knows_stops_the_build(archives: Path, tmp_path: Path) -> None:
    with tarfile.open(archives / "volview.tgz") as archive:
        held = {one.name.removeprefix("package/"): archive.extractfile(one) for one in archive}
        files = {name: file.read() for name, file in held.items() if file}
    archived(archives / "volview.tgz", {**files, "dist/new.thing": b"?"})
    done = ran("viewers.py", archives, tmp_path / "out")
    assert done.stderr.strip() == ("new.thing: has no known type. Name it in TYPES, or leave the file out.")


def packed(path: Path, files: dict[str, bytes], mode: int = 0o644) -> str:
    """Write a package of npm to `path`, under its sha512, and return that as npm writes it."""
    with tarfile.open(path / "new", "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    digest = hashlib.sha512((path / "new").read_bytes())
    (path / "new").rename(path / f"{digest.hexdigest()}.tgz")
    return f"sha512-{base64.b64encode(digest.digest()).decode()}"


NO_PARTS = b"""case $one in --metafile=*) echo '{"outputs": {}}' > "${one#--metafile=}";; esac\n"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Sources of pages, with a lock, and archives of their packages beside them.

    The program that bundles them only says what it was called with.
    """
    held, source = tmp_path / "held", tmp_path / "source"
    held.mkdir()
    for name in ("src/a/main.ts", "src/b/main.tsx", "src/b/index.html", "src/b/other.ts"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("")
    program = b'#!/bin/sh\npwd\nfor one in "$@"; do echo "$one"\n' + NO_PARTS + b"done\n"
    lock = {
        "": {"name": "pages"},
        "node_modules/@esbuild/here": {
            "integrity": packed(held, {"bin/esbuild": program}, 0o755),
            "dev": True,
        },
        "node_modules/@s/part": {"integrity": packed(held, {"LICENSE.md": b"terms", "a/b.js": b"b"})},
        "node_modules/a/node_modules/inner": {
            "integrity": packed(held, {"licence": b"others", "c.js": b"c"})
        },
        "node_modules/elsewhere": {"integrity": "sha512-AAAA", "optional": True},
    }
    (source / "package-lock.json").write_text(json.dumps({"packages": lock}))
    return tmp_path


def unpacked(pages: Path) -> subprocess.CompletedProcess[str]:
    names = ("source/package-lock.json", "held", "node_modules")
    return ran("node_modules.py", *(pages / name for name in names))


def bundled(pages: Path, *further: Path) -> subprocess.CompletedProcess[str]:
    return ran("web.py", pages / "source", pages / "node_modules", pages / "out", *further)


def test_packages_of_npm_get_their_places_without_npm(pages: Path) -> None:
    """What was left out for this platform stays out; programs can be run."""
    done = unpacked(pages)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    home = pages / "node_modules"
    found = {str(one.relative_to(home)): one for one in home.rglob("*") if one.is_file()}
    assert sorted(found) == [
        "@esbuild/here/bin/esbuild",
        "@s/part/LICENSE.md",
        "@s/part/a/b.js",
        "a/node_modules/inner/c.js",
        "a/node_modules/inner/licence",
    ]
    assert [name for name, one in found.items() if os.access(one, os.X_OK)] == ["@esbuild/here/bin/esbuild"]
    assert found["@s/part/a/b.js"].read_bytes() == b"b"


def test_another_package_than_the_lock_says_is_refused(pages: Path) -> None:
    archive = next((pages / "held").iterdir())
    archive.write_bytes(b"other")
    done = unpacked(pages)
    message = f"{archive}: is not what its name says. Empty the store, build again.\n"
    assert (done.returncode, done.stderr) == (1, message)


def test_a_package_cannot_write_outside_of_itself(pages: Path) -> None:
    integrity = packed(pages / "held", {"../../evil": b""})
    lock = {"packages": {"node_modules/evil": {"integrity": integrity}}}
    (pages / "source/package-lock.json").write_text(json.dumps(lock))
    done = unpacked(pages)
    assert done.stderr.endswith(": package/../../evil would lie outside of its package. Do not use it.\n")
    assert (done.returncode, list(pages.rglob("evil"))) == (1, [])


def test_every_page_is_bundled_and_licences_of_what_is_in_them_are_kept(pages: Path) -> None:
    """By esbuild's own program, which gets further options too."""
    unpacked(pages)
    done = bundled(pages, Path("--watch"))
    source = str(pages / "source")
    site, words = (part.splitlines() for part in done.stdout.removeprefix(f"{source}\n").split(f"{source}\n"))
    assert done.returncode == 0
    assert words[0] == "src/a/main.ts"
    assert {"--bundle", "--minify", "--banner:js=;"} <= set(words)
    assert words[-2:] == [f"--outdir={pages / 'out/pages'}", "--watch"]
    assert site[0] == "src/b/main.tsx"
    assert {"--splitting", "--format=esm", f"--outdir={pages / 'out/pages/b/assets'}"} <= set(site)
    home = pages / "out/doc"
    licences = {str(one.relative_to(home)): one.read_text() for one in home.rglob("*") if one.is_file()}
    assert licences == {"npm-s-part/copyright": "terms", "npm-inner/copyright": "others"}


def test_the_files_of_a_site_are_compressed_and_an_index_says_what_they_are(pages: Path) -> None:
    """But for its page, which the server fills in. What is named after its content may be kept for ever."""
    (pages / "source/src/b/sign.svg").write_text("<svg/>")
    unpacked(pages)
    program = pages / "node_modules/@esbuild/here/bin/esbuild"
    program.write_text(SITE)
    (pages / "source/src/b/index.html").write_text('<head><script type="module" src="assets/main.js">')
    assert bundled(pages).returncode == 0
    site = pages / "out/pages/b"
    index = json.loads((site / "index.json").read_text())
    assert {
        name: (one["type"].split(";")[0], one["gzip"], one["lasting"]) for name, one in index.items()
    } == {
        "assets/main.css": ("text/css", True, False),
        "assets/main.js": ("text/javascript", True, False),
        "assets/part-ABC.js": ("text/javascript", True, True),
        "index.html": ("text/html", False, False),
        "sign.svg": ("image/svg+xml", True, False),
    }
    assert gzip.decompress((site / "assets/main.js.gz").read_bytes()) == b"main\n"
    assert index["assets/main.js"]["sha256"] == hashlib.sha256(b"main\n").hexdigest()
    assert not (site / "assets/main.js").exists()
    links = "".join(f'<link rel="modulepreload" href="assets/part-{one}.js" />\n    ' for one in ("A", "B"))
    page = (site / "index.html").read_text()
    assert page == f'<head>{links}<script type="module" src="assets/main.js">'
    assert index["index.html"]["sha256"] == hashlib.sha256(page.encode()).hexdigest()


SITE = """#!/bin/sh
for one in "$@"; do
    case $one in --outdir=*/b/assets) out=${one#--outdir=};; --metafile=*) graph=${one#--metafile=};; esac
done
[ -n "$out" ] || exit 0
mkdir -p "$out" && echo main > "$out/main.js" && echo part > "$out/part-ABC.js" && echo css > "$out/main.css"
cat > "$graph" << 'EOF'
{"outputs": {
    "o/part-C.js": {"imports": [{"path": "o/main.js", "kind": "import-statement"}]},
    "o/part-B.js": {"imports": [{"path": "o/part-A.js", "kind": "import-statement"}]},
    "o/part-A.js": {"imports": []},
    "o/main.js": {"imports": [
        {"path": "o/part-A.js", "kind": "import-statement"},
        {"path": "o/part-B.js", "kind": "import-statement"},
        {"path": "o/part-C.js", "kind": "dynamic-import"}]}}}
EOF
"""


def test_a_watched_site_is_bundled_again_at_each_change(pages: Path) -> None:
    """What is wrong for a moment does not end it."""
    unpacked(pages)
    (pages / "node_modules/@esbuild/here/bin/esbuild").write_text(WATCHED)
    done = bundled(pages, Path("--watch=forever"))
    assert (done.returncode, (pages / "source/runs").read_text()) == (0, "run\nrun\nrun\n")


WATCHED = """#!/bin/sh
wait_for() { until [ "$(wc -l < runs)" -ge "$1" ]; do sleep 0.05; done; }
case "$*" in *--watch*)
    echo 1 > src/b/other.ts; wait_for 2; echo 2 > src/b/other.ts; wait_for 3; exit 0;;
esac
for one in "$@"; do
    case $one in --outdir=*) mkdir -p "${one#--outdir=}";; --metafile=*) graph=${one#--metafile=};; esac
done
echo '{"outputs": {}}' > "$graph"
echo run >> runs
[ "$(wc -l < runs)" -ne 2 ]
"""


def test_a_program_that_fails_fails_the_step(pages: Path) -> None:
    unpacked(pages)
    (pages / "node_modules/@esbuild/here/bin/esbuild").write_text("#!/bin/sh\nexit 3\n")
    assert bundled(pages).returncode == 3


@pytest.mark.parametrize(
    ("absent", "message"),
    [
        (
            "node_modules/@esbuild",
            "{pages}/node_modules: has 0 programs of esbuild, and not one. See npm.tools in build.toml.\n",
        ),
        (
            "source/src",
            "{pages}/source: has no src/**/main.ts. Add one, or leave the step out.\n",
        ),
        (
            "node_modules/@s/part/LICENSE.md",
            "{pages}/node_modules/@s/part: has no LICENSE. "
            "See what its licence is, and whether it may be used.\n",
        ),
    ],
)
def test_what_pages_cannot_be_bundled_without_is_told(pages: Path, absent: str, message: str) -> None:
    unpacked(pages)
    (shutil.rmtree if (pages / absent).is_dir() else os.unlink)(pages / absent)
    done = bundled(pages)
    assert (done.returncode, done.stderr) == (1, message.replace("{pages}", str(pages)))
