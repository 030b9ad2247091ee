"""What an image is made of: each package, wheel, bundle, library and file, with version, hash and licence."""

from __future__ import annotations

import json
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from packageurl import PackageURL

from builder.image.contents import COMPONENTS, DOCUMENTS, LISTS, Contents, File, Installed, installed, owners
from builder.sbom.copyrights import Licence, expression, licence
from builder.sources import pypi
from builder.spec.labels import REVISION
from builder.spec.lockfile import Bundle
from builder.spec.model import Component, Definition
from builder.spec.package_lock import FOLDER, NodePackage
from builder.spec.planning import Part, Plan

NOTHING = Licence("NOASSERTION")

_EXACT = re.compile(r"\d+\.\d+\.\d+[\w.+-]*")

_CLASSES = {
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}

Held = Callable[[str], Path]


@dataclass(frozen=True)
class Item:
    """One thing in an image.

    `provider` is a word of build.toml; `hash` is `sha256:…` or `sha512:…` of the file that was installed,
    empty when nobody knows it. `inside` is the purl of what it came in.
    """

    provider: str
    name: str
    version: str
    purl: str
    hash: str = ""
    licence: Licence = NOTHING
    summary: str = ""
    supplier: str = ""
    homepage: str = ""
    inside: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Inventory:
    """All that is in one image, and the files that none of the Debian packages brought."""

    items: tuple[Item, ...]
    files: Mapping[str, File]


def of(plan: Plan, variant: str, definition: Definition, contents: Contents, held: Held) -> Inventory:
    """Return the inventory of the image of `variant`; `held` returns the locked files by digest."""
    packages = installed(contents)
    brought = owners(contents, packages)
    items = [
        *_debian(plan, contents, packages),
        *_wheels(plan, variant, definition, held),
        *_bundles(plan, variant, held),
        *_pages(plan, held),
        *_libraries(plan, variant),
        *_own(plan, variant, definition),
    ]
    kept = {
        path: file
        for path, file in sorted(contents.files.items())
        if path not in brought and not path.startswith(LISTS) and path != COMPONENTS
    }
    unique = {one.purl: one for one in reversed(items)}  # of two, the one nearer to the image
    return Inventory(tuple(sorted(unique.values(), key=lambda one: (one.provider, one.name, one.purl))), kept)


def purl(kind: str, name: str, version: str, namespace: str = "", **qualifiers: str) -> str:
    """Return a package URL: https://github.com/package-url/purl-spec."""
    return PackageURL(kind, namespace or None, name, version or None, qualifiers or None).to_string()


def _debian(plan: Plan, contents: Contents, packages: Iterable[Installed]) -> Iterator[Item]:
    layers = ("base", *plan.targets)
    locked = {one.name: one for layer in layers for one in plan.packages.get(layer, ())}
    for one in packages:
        facts = {"arch": one.architecture, "distro": plan.suite}
        facts["upstream"] = f"{one.source}@{one.source_version}"
        pin = locked.get(one.name)
        text = contents.text(f"{DOCUMENTS}{one.name}/copyright")
        own = purl("deb", one.name, one.version, "debian", **facts)
        yield Item(
            "debian",
            one.name,
            one.version,
            own,
            f"sha256:{pin.sha256}" if pin and pin.version == one.version else "",
            licence(one.name, text),
            supplier=one.maintainer,
            homepage=one.homepage,
            facts={"source": one.source, "source-version": one.source_version},
        )
        yield from (_source(name, version, plan.suite, own) for name, version in one.compiled_in)


def _source(name: str, version: str, suite: str, inside: str) -> Item:
    """Return a source package, parts of which were compiled into another package."""
    own = purl("deb", name, version, "debian", arch="source", distro=suite)
    return Item(
        "debian", name, version, own, inside=inside, facts={"source": name, "source-version": version}
    )


def _wheels(plan: Plan, variant: str, definition: Definition, held: Held) -> Iterator[Item]:
    for wheel in _all(plan.wheels, plan, variant):
        path = held(f"sha256:{wheel.sha256}")
        component = definition.components[wheel.component]
        with zipfile.ZipFile(path) as archive:
            described, lists = _metadata(archive), _lists(archive)
        terms, name = pypi.licence(component, path), f"LicenseRef-{component.name}"
        own = purl("pypi", wheel.name.lower().replace("_", "-"), wheel.version, file_name=wheel.file)
        yield Item(
            "pypi",
            wheel.name,
            wheel.version,
            own,
            f"sha256:{wheel.sha256}",
            Licence(name, {name: terms}) if terms else _named(described, wheel.name),
            component.summary,
            described.get("Author", "") or described.get("Author-email", ""),
            described.get("Home-page", ""),
            facts={"component": component.name},
        )
        yield from (item for one in lists for item in _listed(one, own))


def _listed(document: Mapping[str, Any], own: str) -> Iterator[Item]:
    """Yield what a list in CycloneDX, which came with a wheel, says that the wheel is made of."""
    for one in document.get("components", ()):
        if one.get("purl"):
            terms = " AND ".join(f"({words})" if " " in words else words for words in _terms(one))
            sums = {value["alg"]: value["content"] for value in one.get("hashes", ())}
            digest = f"sha256:{sums['SHA-256']}" if "SHA-256" in sums else ""
            licensed = _spdx(terms, str(one["name"]))
            version, summary = str(one.get("version", "")), str(one.get("description", ""))
            kind = str(one["purl"]).partition("/")[0].removeprefix("pkg:")
            yield Item(kind, one["name"], version, one["purl"], digest, licensed, summary.strip(), inside=own)


def _terms(component: Mapping[str, Any]) -> list[str]:
    choices = component.get("licenses", ())
    named = (one.get("expression") or one.get("license", {}).get("id") for one in choices)
    return [str(one) for one in named if one]


def _bundles(plan: Plan, variant: str, held: Held) -> Iterator[Item]:
    for bundle in _all(plan.bundles, plan, variant):
        manifest, inner = _npm(held(f"sha512:{bundle.sha512}"))
        own = npm(bundle.name, bundle.version)
        yield _node(bundle, manifest, {"component": bundle.component})
        yield from (_inner(name, version, own) for name, version in sorted(inner))


def _node(package: Bundle | NodePackage, manifest: Mapping[str, Any], facts: Mapping[str, str]) -> Item:
    """Return a package of npm, of which its package.json tells."""
    return Item(
        "npm",
        package.name,
        package.version,
        npm(package.name, package.version),
        f"sha512:{package.sha512}",
        _spdx(str(manifest.get("license", "")), package.name),
        str(manifest.get("description", "")),
        _person(manifest.get("author")),
        str(manifest.get("homepage", "")),
        facts=facts,
    )


def _pages(plan: Plan, held: Held) -> Iterator[Item]:
    """Yield what is bundled into our own pages."""
    for package in plan.page_packages:
        manifest, _ = _npm(held(f"sha512:{package.sha512}"))
        yield _node(package, manifest, {"bundled-into": FOLDER})


def _inner(name: str, version: str, own: str) -> Item:
    exact = version if _EXACT.fullmatch(version) else ""
    return Item("npm", name, exact, npm(name, exact), inside=own, facts={"asked-for": version})


def npm(name: str, version: str) -> str:
    """Return the package URL of a package of npm, whose scope is a namespace."""
    scope, _, rest = name.rpartition("/")
    return purl("npm", rest, version, scope)


def _libraries(plan: Plan, variant: str) -> Iterator[Item]:
    for one in _all(plan.libraries, plan, variant):
        url = purl("generic", one.file, one.version, download_url=one.url, checksum=f"sha256:{one.sha256}")
        yield Item(
            "upstream",
            one.file,
            one.version,
            url,
            f"sha256:{one.sha256}",
            supplier="Organization: Orthanc",
            homepage=one.url,
            facts={"component": one.component},
        )


def _own(plan: Plan, variant: str, definition: Definition) -> Iterator[Item]:
    image = plan.image(variant)
    source = f"git+{definition.source}@{image.labels[REVISION]}"
    terms = definition.licences.split(" AND ", maxsplit=1)[0]
    for part in (one for one in image.parts if one.provider == "tree"):
        yield _tree(part, definition.components[part.name], definition, source, terms)


def _tree(part: Part, component: Component, definition: Definition, source: str, terms: str) -> Item:
    return Item(
        "tree",
        part.name,
        part.version,
        purl("generic", part.name, part.version, "orthanc-images", vcs_url=source),
        part.hash,
        Licence(terms),
        component.summary,
        "Organization: orthanc-images",
        definition.source,
        facts={"files": " ".join(component.files), "component": part.name},
    )


def _all(held: Mapping[str, Iterable[Any]], plan: Plan, variant: str) -> Iterator[Any]:
    """Yield what the lock holds for `variant` and those that it extends."""
    for name in plan.lineages[variant]:
        yield from held.get(name, ())


def _metadata(wheel: zipfile.ZipFile) -> Message:
    """Return the core metadata of a wheel."""
    names = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    return HeaderParser().parsestr(wheel.read(names[0]).decode("utf-8", "replace") if names else "")


def _lists(wheel: zipfile.ZipFile) -> list[dict[str, Any]]:
    """Return the lists in CycloneDX that came with a wheel: https://peps.python.org/pep-0770/."""
    names = [name for name in wheel.namelist() if ".dist-info/sboms/" in name and name.endswith(".json")]
    found = [json.loads(wheel.read(name)) for name in sorted(names)]
    return [one for one in found if one.get("bomFormat") == "CycloneDX"]


def _named(described: Message, package: str) -> Licence:
    stated = described.get("License-Expression") or described.get("License") or ""
    classed = (_CLASSES.get(one.rpartition(" :: ")[2], "") for one in described.get_all("Classifier", ()))
    return _spdx(stated or next(filter(None, classed), ""), package)


def _spdx(words: str, package: str) -> Licence:
    """Return the licence that a package states; a text that is no name of SPDX keeps a name of its own."""
    if not words.strip():
        return NOTHING
    known = expression(words)
    if known:
        return Licence(known)
    name = "LicenseRef-" + re.sub(r"[^A-Za-z0-9.-]+", "-", package).strip("-")
    return Licence(name, {name: words})


def _npm(archive: Path) -> tuple[Mapping[str, Any], set[tuple[str, str]]]:
    """Return package.json of a bundle, and the packages in it: by its own lock, else by what it asks for."""
    with tarfile.open(archive) as held:
        manifest = _json(held, "package/package.json")
        locked = _json(held, "package/npm-shrinkwrap.json").get("packages", {})
    inner = {
        (path.rpartition("node_modules/")[2], str(one.get("version", "")))
        for path, one in locked.items()
        if path
    }
    return manifest, inner or {(name, str(one)) for name, one in manifest.get("dependencies", {}).items()}


def _json(archive: tarfile.TarFile, name: str) -> dict[str, Any]:
    try:
        file = archive.extractfile(name)
    except KeyError:
        return {}
    found: dict[str, Any] = json.load(file) if file else {}
    return found


def _person(value: Any) -> str:
    return str(value.get("name", "")) if isinstance(value, dict) else str(value or "")
