"""Verifying a published image: its signature, and that its labels and attestations match its contents."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from builder.console import Console
from builder.errors import BuildError
from builder.image import contents, registry
from builder.image.contents import Contents
from builder.image.oci import INDEX, Layout, emptied
from builder.image.registry import Name, Registry
from builder.release import attestations, signing
from builder.release.signing import Signer
from builder.sbom import lists, provenance
from builder.shell import Runner, run
from builder.spec.labels import COMPONENTS, REVISION, VARIANT, VERSION, components
from builder.spec.model import Definition

_FORMS = {one.PREDICATE: one for one in lists.FORMS}


@dataclass(frozen=True)
class PublishedImage:
    """What an image says of itself on one platform: its configuration, contents, and attestations."""

    digest: str
    config: Mapping[str, Any]
    inside: Contents
    statements: Mapping[str, Mapping[str, Any]]

    @property
    def labels(self) -> Mapping[str, str]:
        """Return its labels."""
        labels: Mapping[str, str] = self.config["config"].get("Labels") or {}
        return labels


def command(
    text: str, signer: Signer, definition: Definition, console: Console, runner: Runner = run
) -> Name:
    """Return the name, with its digest, of the image that `text` names, after verifying all of it.

    Raises:
        BuildError: with everything that is wrong with it, on every platform.
    """
    name = registry.named(text)
    source = Registry(name)
    digest = name.digest or source.resolve(name.reference)
    if not digest:
        raise BuildError(f"{name}: does not exist", remedy="Check the name")
    fixed = replace(name, tag="", digest=digest)
    signer = signer if signer.key or signer.identity else Signer(identity=signing.workflow(definition.source))
    signing.signed(fixed, signer, runner)
    index = json.loads(source.manifest(digest))
    if index.get("mediaType") != INDEX:
        raise BuildError(f"{fixed}: is not an index of platforms", remedy="Do not use it")
    wrong, rows = [], []
    with tempfile.TemporaryDirectory() as folder:
        for platform, image in fetched(source, index, Path(folder)):
            wrong += [f"{platform}: {reason}" for reason in reasons(image, index)]
            labels = image.labels
            rows.append((platform, image.digest, labels.get(VERSION, ""), labels.get(REVISION, "")))
    if wrong:
        raise BuildError(f"{fixed}: does not match its description", details=wrong, remedy="Do not use it")
    console.table(rows, ("platform", "digest", "version", "commit"))
    return fixed


def fetched(source: Registry, index: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, PublishedImage]]:
    """Yield each platform of `index` with its image; the blobs are verified and written to `folder`."""
    images = [one for one in index["manifests"] if one.get("platform", {}).get("os") != "unknown"]
    for number, entry in enumerate(images):
        layout = Layout(emptied(folder / str(number)))
        manifest = json.loads(_kept(layout, entry["digest"], source.manifest))
        for pointer in (manifest["config"], *manifest["layers"]):
            _kept(layout, pointer["digest"], source.blob)
        (layout.root / "index.json").write_text(json.dumps({"manifests": [entry]}))
        platform = f"{entry['platform']['os']}/{entry['platform']['architecture']}"
        statements = _statements(source, index, entry["digest"])
        yield platform, PublishedImage(entry["digest"], layout.config, contents.read(layout), statements)


def reasons(image: PublishedImage, index: Mapping[str, Any]) -> Iterator[str]:
    """Yield each thing that is wrong with the image on one platform."""
    listed = json.loads(image.inside.text(contents.COMPONENTS))
    annotations = index.get("annotations", {})
    for key in (VERSION, REVISION):
        if annotations.get(key) != image.labels.get(key):
            yield f"{key}: the index says {annotations.get(key)!r}, the image {image.labels.get(key)!r}"
    yield from _labels(image.labels, listed)
    for kind in attestations.KINDS.values():
        statement = image.statements.get(kind)
        if statement is None:
            yield f"{kind}: is not attached"
        elif f"sha256:{statement['subject'][0]['digest'].get('sha256')}" != image.digest:
            yield f"{kind}: describes another image"
        else:
            yield from _statement(kind, statement["predicate"], image)


def _labels(labels: Mapping[str, str], listed: Mapping[str, Any]) -> Iterator[str]:
    """Yield each way in which the labels differ from the image's own list of components."""
    parts = components((one["name"], one["version"]) for one in listed["components"])
    for key, value in {COMPONENTS: parts, VARIANT: listed["variant"]}.items():
        if labels.get(key) != value:
            yield f"{key}: the label says {labels.get(key)!r}, but the image holds {value!r}"
    if not labels.get(VERSION, "").startswith(listed["version"]):
        yield f"{VERSION}: the label says {labels.get(VERSION)!r}, but the image holds {listed['version']!r}"


def _statement(kind: str, predicate: Mapping[str, Any], image: PublishedImage) -> Iterator[str]:
    """Yield what is wrong with one attestation."""
    if kind == provenance.PREDICATE:
        revision = image.labels.get(REVISION, "")
        origin = predicate["buildDefinition"]["resolvedDependencies"][0]["digest"].get("gitCommit")
        if origin != revision:
            yield f"{kind}: names commit {origin!r}, but the label says {revision!r}"
        return
    form: Any = _FORMS[kind]
    yield from (f"{kind}: {problem}" for problem in form.problems(dict(predicate))[:5])
    inside = {f"{one.name} {one.version}" for one in contents.installed(image.inside)}
    listed = {f"{one['name']} {version}" for one, version in _debian(predicate)}
    for name in sorted(inside ^ listed)[:5]:
        how = "is in the image but not listed" if name in inside else "is listed but not in the image"
        yield f"{kind}: {name}: {how}"


def _debian(predicate: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield each Debian package of a list in SPDX or CycloneDX, with its version, but no source packages."""
    for one in predicate.get("packages", predicate.get("components", ())):
        locators = [ref.get("referenceLocator", "") for ref in one.get("externalRefs", ())]
        urls = [text for text in (*locators, one.get("purl", "")) if text.startswith("pkg:deb/")]
        if urls and "arch=source" not in urls[0]:
            yield one, one.get("versionInfo") or one.get("version", "")


def _statements(source: Registry, index: Mapping[str, Any], digest: str) -> dict[str, Mapping[str, Any]]:
    """Return the attestations of the image `digest`, by their predicate type."""
    manifest = attestations.described(index, digest)
    if not manifest:
        return {}
    layers = json.loads(source.manifest(manifest))["layers"]
    found = (json.loads(source.blob(layer["digest"])) for layer in layers)
    return {one["predicateType"]: one for one in found}


def _kept(layout: Layout, digest: str, read: Callable[[str], bytes]) -> bytes:
    content = read(digest)
    path = layout.path(digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return content
