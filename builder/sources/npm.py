"""Packages from the npm registry: one archive for all platforms, pinned by the sha512 in its metadata."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from builder.errors import FetchError, LockError
from builder.shell import which
from builder.sources.download import Digest
from builder.sources.item import Item, purl
from builder.sources.provider import Delivery, Listing, Provider, ProviderAnswer, Request, stated
from builder.sources.store import Store, Wanted
from builder.spec.artifact import ANY, Artifact
from builder.spec.component import Component
from builder.spec.model import WEB
from builder.spec.package_lock import FOLDER, archive_name

REGISTRY = "ORTHANC_IMAGES_NPM_REGISTRY"
TIMEOUT = (10.0, 60.0)
"""Seconds to connect, and to wait for metadata, which lists all versions and is made on demand."""

_LINE = re.compile(r"\s*(?P<key>[^#;=\[\s][^=]*?)\s*=\s*(?P<value>.*?)\s*")
_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_EXACT = re.compile(r"\d+\.\d+\.\d+[\w.+-]*")
_RELEASE = re.compile(r"\d+\.\d+\.\d+")


def registry(package: str, environment: Mapping[str, str], root: Path = Path("/")) -> str:
    """Return the address of the registry that has `package` for this machine, ending in a slash.

    In this order: the variable ORTHANC_IMAGES_NPM_REGISTRY, npm's own variables, the user's npmrc, the npmrc
    of the machine below `root` (npm itself need not be there), and npm's public registry.
    """
    scope = package.partition("/")[0] if package.startswith("@") else ""
    own = {"registry": environment.get(REGISTRY, "")}
    variables = {key.lower(): value for key, value in environment.items() if key.lower().startswith("npm_")}
    named = {"registry": variables.get("npm_config_registry", "")}
    for settings in (
        own,
        named,
        *(_npmrc(path, environment) for path in _files(variables, environment, root)),
    ):
        found = (scope and settings.get(f"{scope}:registry")) or settings.get("registry")
        if found:
            return found.rstrip("/") + "/"
    return default_registry()


def default_registry() -> str:
    """Return the address of npm's public registry, ending in a slash."""
    # No address of a registry is written in this repository: the machine's configuration has them. A machine
    # without npm has none, and must be able to build too. The library for package URLs knows where npm's
    # packages lie, whatever their name.
    from packageurl.contrib.purl2url import get_download_url  # noqa: PLC0415 # as for requests below

    url = urlsplit(get_download_url("pkg:npm/any@1"))  # type: ignore[no-untyped-call] # it has no types
    return f"{url.scheme}://{url.netloc}/"


def wanted(
    bundles: Iterable[Artifact], environment: Mapping[str, str], root: Path = Path("/")
) -> list[Wanted]:
    """Return what the store should fetch, from the registry of this machine."""
    return [
        Wanted(
            name=bundle.file,
            digest=bundle.digest,
            size=bundle.size or None,
            urls=(_archive(registry(bundle.name, environment, root), bundle.name, bundle.version),),
        )
        for bundle in bundles
    ]


def resolve(
    components: Iterable[Component], store: Store, environment: Mapping[str, str]
) -> tuple[Artifact, ...]:
    """Return the newest npm package that fits each of `components`; its archive goes to `store`.

    Raises:
        LockError: when the registry has no version that fits.
        FetchError: when the registry cannot be reached.
    """
    return tuple(_newest(component, store, environment) for component in components)


def _newest(component: Component, store: Store, environment: Mapping[str, str]) -> Artifact:
    name = component.packages[0]
    address = registry(name, environment)
    versions = _versions(address, name)
    fitting = [one for one in versions if _RELEASE.fullmatch(one) and _fits(one, component.version)]
    if not fitting:
        raise LockError(
            f"components.{component.name}: the npm registry has no {name} {component.version}",
            details=[f"it has {', '.join(versions)}"] if versions else (),
            remedy="Correct the package or the version in build.toml",
        )
    version = max(fitting, key=_numbers)
    file = archive_name(name, version)
    pin = Wanted(file, versions[version], None, (_archive(address, name, version),))
    path = store.fetch([pin])[pin.digest]
    digest = str(Digest.read(pin.digest))
    return Artifact(NpmProvider.name, component.name, name, version, file, path.stat().st_size, digest)


def _versions(address: str, package: str) -> dict[str, str]:
    """Return the sha512 of each version of `package`, as npm writes it, from its abbreviated metadata."""
    import requests  # noqa: PLC0415 # costs 0.2 s, and a build with a full store needs none

    try:
        answer = requests.get(
            address + quote(package, safe="@"),
            headers={"Accept": "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8"},
            timeout=TIMEOUT,
        )
        if not answer.ok:
            raise _unasked(package, f"it answered {answer.status_code}")
        content: dict[str, Any] = answer.json()
        dists = {version: one["dist"] for version, one in content["versions"].items()}
    except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unasked(package, type(error).__name__) from error
    hashes = {version: _sha512(str(dist.get("integrity", ""))) for version, dist in dists.items()}
    return {version: digest for version, digest in hashes.items() if digest}


def _unasked(package: str, reason: str) -> FetchError:
    remedy = "Check that the npm registry can be reached, then run the same command again"
    return FetchError(f"{package}: the npm registry did not list its versions ({reason})", remedy=remedy)


def _sha512(integrity: str) -> str:
    """Return the sha512 among the hashes of an archive, as npm writes it; empty without one."""
    return next((word for word in integrity.split() if word.startswith("sha512-")), "")


def _fits(version: str, pattern: str) -> bool:
    """Tell whether `version` is `pattern`: a version, one such as `3.13.*`, or `*` for any."""
    return pattern in ("*", version) or (pattern.endswith(".*") and version.startswith(pattern[:-1]))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _archive(address: str, package: str, version: str) -> str:
    return f"{address}{package}/-/{package.rpartition('/')[2]}-{version}.tgz"


def _files(variables: Mapping[str, str], environment: Mapping[str, str], root: Path) -> list[Path]:
    """Return the files that npm reads its settings from, those of the user first."""
    home = Path(environment.get("HOME", "/nonexistent"))
    user = variables.get("npm_config_userconfig")
    machine = variables.get("npm_config_globalconfig")
    node = which("node", environment.get("PATH"))
    prefixes = [Path(node).parent.parent] if node and not machine else []
    places = [root / "usr/local/etc/npmrc", root / "usr/etc/npmrc", root / "etc/npmrc"]
    return [
        Path(user) if user else home / ".npmrc",
        *([Path(machine)] if machine else [*(prefix / "etc/npmrc" for prefix in prefixes), *places]),
    ]


def _npmrc(path: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings in an npmrc, an INI file whose values may name variables; none without it."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    pairs = (match for match in map(_LINE.fullmatch, lines) if match)
    return {
        match["key"]: _VARIABLE.sub(
            lambda name: environment.get(name[1], name[0]), match["value"].strip("\"'")
        )
        for match in pairs
    }


def _url(name: str, version: str) -> str:
    """Return the package URL of a package, whose scope is a namespace."""
    scope, _, rest = name.rpartition("/")
    return purl("npm", rest, version, scope)


def _manifest(archive: Path) -> tuple[Mapping[str, Any], set[tuple[str, str]]]:
    """Return package.json of an archive, and the packages in it: by its own lock, else its dependencies."""
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


class NpmProvider(Provider):
    """The npm registry."""

    name = "npm"
    folder = "inputs/bundles"

    def resolve(self, request: Request) -> ProviderAnswer:
        """Return the newest npm package of each requested component, the same for all platforms."""
        asked = request.components(self.name)
        return ProviderAnswer({ANY: resolve(asked, request.store, request.environment)})

    def wanted(self, artifacts: Sequence[Artifact], delivery: Delivery) -> list[Wanted]:
        """Return what the store should fetch from this machine's registry."""
        return wanted(artifacts, delivery.environment)

    def layout(self, artifact: Artifact) -> str:
        """Return the name of the component: its pages are found by that."""
        return f"{artifact.component}.tgz"

    def uri(self, artifact: Artifact) -> str:
        """Return the package URL of an npm package."""
        return _url(artifact.name, artifact.version)

    def items(self, listing: Listing) -> Iterator[Item]:
        """Yield the npm packages of an image, the packages inside of each, and those in our pages."""
        for bundle in listing.artifacts(self.name):
            manifest, inner = _manifest(listing.held(bundle.digest))
            yield self._item(bundle, manifest, {"component": bundle.component})
            for name, version in sorted(inner):
                exact = version if _EXACT.fullmatch(version) else ""
                facts, own = {"asked-for": version}, self.uri(bundle)
                yield Item(self.name, name, exact, _url(name, exact), inside=own, facts=facts)
        for package in listing.plan.artifacts(WEB, self.name):
            manifest, _ = _manifest(listing.held(package.digest))
            yield self._item(package, manifest, {"bundled-into": FOLDER})

    def _item(self, package: Artifact, manifest: Mapping[str, Any], facts: Mapping[str, str]) -> Item:
        """Return a package of which its package.json tells."""
        return Item(
            self.name,
            package.name,
            package.version,
            self.uri(package),
            package.digest,
            stated(str(manifest.get("license", "")), package.name),
            str(manifest.get("description", "")),
            _person(manifest.get("author")),
            str(manifest.get("homepage", "")),
            facts=facts,
        )


PROVIDER: Provider = NpmProvider()
