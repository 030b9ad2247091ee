"""Debian packages: resolved by apt itself in an isolated root, fetched from the machine's own mirrors."""

from __future__ import annotations

import re
import tempfile
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path

from builder.engine.host import sources
from builder.errors import FetchError, LockError
from builder.shell import Runner, run, which
from builder.sources.item import Item, purl
from builder.sources.provider import Delivery, Listing, Provider, ProviderAnswer, Request
from builder.sources.store import Wanted
from builder.spec.artifact import Artifact
from builder.spec.component import SYSTEM
from builder.spec.lockfile import SHA256
from builder.spec.model import BASE, PLATFORMS, TIMESTAMP, TOOLS, Definition

MIRROR = "ORTHANC_IMAGES_DEBIAN_MIRROR"
POOL = "/pool/main/"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

_ROW = re.compile(r"'(?P<url>[^']+)' (?P<file>\S+) (?P<size>\d+) SHA256:(?P<sha256>[0-9a-f]{64})")


def mirrors(environment: Mapping[str, str], runner: Runner = run) -> tuple[str, ...]:
    """Return the addresses of the Debian mirrors configured on this machine, each ending in a slash.

    The variable ORTHANC_IMAGES_DEBIAN_MIRROR comes first, then the sources of apt, if there is one.
    """
    named = environment.get(MIRROR, "")
    found = [named.rstrip("/") + "/"] if named else []
    found += [one.uri for one in sources(runner) if re.match(r"https?://.*/debian/$", one.uri)]
    return tuple(dict.fromkeys(found))


def wanted(packages: Iterable[Artifact], mirrors: Sequence[str], archive: str) -> list[Wanted]:
    """Return what the store should fetch: from the mirrors, and from the archive of old versions last."""
    return [
        Wanted(
            name=package.file,
            digest=package.digest,
            size=package.size,
            urls=tuple(base + urllib.parse.quote(package.origin) for base in (*mirrors, archive)),
        )
        for package in packages
    ]


def resolve(
    definition: Definition, mirrors: Sequence[str], *, runner: Runner = run
) -> tuple[str, dict[str, dict[str, tuple[Artifact, ...]]]]:
    """Return the time of the suite's release, and the packages of each platform and layer.

    Raises:
        LockError: when there is no apt, no mirror, or apt finds no solution.
    """
    if not which("apt-get") or not KEYRING.exists():
        remedy = "Run ./inv lock on Debian, or on Ubuntu with debian-archive-keyring installed"
        raise LockError("lock: apt and Debian's keyring are needed to resolve packages", remedy=remedy)
    if not mirrors:
        raise LockError(
            "lock: no Debian mirror is known on this machine", remedy=f"Name one in the variable {MIRROR}"
        )
    found: dict[str, dict[str, tuple[Artifact, ...]]] = {}
    timestamp = ""
    for platform in definition.platforms:
        with tempfile.TemporaryDirectory(prefix="orthanc-images-apt-") as folder:
            root = AptRoot(Path(folder), PLATFORMS[platform], definition.debian.suite, mirrors[0], runner)
            timestamp = max(timestamp, root.update())
            found[platform] = {
                layer: root.solution(_request(layer, names), _below(definition, layer))
                for layer, names in definition.layers().items()
            }
    return timestamp, found


def _request(layer: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the request to apt: root file systems need Debian's essential packages too."""
    return ("?essential", *names) if layer in (BASE, TOOLS) else tuple(names)


def _below(definition: Definition, layer: str) -> tuple[tuple[str, ...], ...]:
    layers = definition.layers()
    return tuple(_request(one, layers[one]) for one in definition.below(layer))


class AptRoot:
    """An isolated apt in `folder`: it neither reads nor changes what is installed on this machine."""

    def __init__(self, folder: Path, architecture: str, suite: str, mirror: str, runner: Runner) -> None:
        self._folder, self._runner = folder, runner
        self._solutions: dict[tuple[str, ...], tuple[Artifact, ...]] = {}
        self._status = folder / "var/lib/dpkg/status"
        for name in (
            "etc/apt/apt.conf.d",
            "etc/apt/preferences.d",
            "var/lib/apt/lists/partial",
            "var/cache/apt/archives/partial",
            "var/lib/dpkg",
        ):
            (folder / name).mkdir(parents=True)
        self._status.touch()
        # The lock pins the content by hash, so a Release file past its date (Valid-Until) does no harm.
        options = f"signed-by={KEYRING} check-valid-until=no"
        (folder / "etc/apt/sources.list").write_text(f"deb [{options}] {mirror} {suite} main\n")
        (folder / "apt.conf").write_text(
            f'Dir "{folder}";\nDir::State::status "{self._status}";\n'
            f'APT::Architecture "{architecture}";\nAPT::Architectures "{architecture}";\n'
            'APT::Install-Recommends "false";\nAcquire::Languages "none";\nAcquire::ForceHash "sha256";\n'
            'APT::Update::Error-Mode "any";\nAcquire::Retries "3";\nAPT::Sandbox::User "";\n'
            + _proxies(runner)
        )

    def update(self) -> str:
        """Fetch and verify the package index; return the time of the release, as snapshots are named."""
        self._apt("apt-get", "-qq", "update")
        release = next((self._folder / "var/lib/apt/lists").glob("*Release"))
        date = re.search(r"^Date: (.+)$", release.read_text(encoding="utf-8"), re.MULTILINE)
        if date is None:
            raise LockError(f"{release.name}: has no date", remedy="Try another mirror")
        return parsedate_to_datetime(date[1]).astimezone(UTC).strftime(TIMESTAMP)

    def solution(self, names: tuple[str, ...], below: tuple[tuple[str, ...], ...]) -> tuple[Artifact, ...]:
        """Return the packages that `names` need on top of the solutions for `below`."""
        self._status.write_text("".join(self._stanzas(self._solutions[one] for one in below)))
        result = self._apt("apt-get", "-qq", "--yes", "--print-uris", "install", *names)
        packages = tuple(sorted(map(_package, result.splitlines())))
        self._solutions[names] = packages
        return packages

    def _stanzas(self, solutions: Iterable[Sequence[Artifact]]) -> Iterator[str]:
        names = [f"{one.name}={one.version}" for solution in solutions for one in solution]
        if names:
            shown = self._apt("apt-cache", "show", *names)
            for stanza in filter(str.strip, shown.split("\n\n")):
                yield stanza.strip() + "\nStatus: install ok installed\n\n"

    def _apt(self, *argv: str) -> str:
        environment = {"APT_CONFIG": str(self._folder / "apt.conf"), "LC_ALL": "C.UTF-8"}
        done = self._runner(argv, env=environment, check=False)
        if done.code:
            complaints = [line for line in done.stderr.splitlines() if line.strip()]
            message = f"{argv[0]}: failed"
            if "update" in argv:
                remedy = "Check that the mirror can be reached, then run the same command again"
                raise FetchError(message, details=complaints, remedy=remedy)
            # With -qq, apt does not say which dependency cannot be met: ask once more.
            louder = self._runner(
                ["-q" if word == "-qq" else word for word in argv], env=environment, check=False
            )
            reasons = [line.strip() for line in louder.stdout.splitlines() if line.startswith(" ")]
            raise LockError(
                message, details=[*reasons, *complaints], remedy="Correct the package names in build.toml"
            )
        return done.stdout


def _package(line: str) -> Artifact:
    """Return the package in a line of `apt-get --print-uris`."""
    match = _ROW.fullmatch(line.strip())
    if match is None:
        raise LockError(
            f"apt-get: printed {line!r}, which is not an address with a sha256", remedy="Use apt 2.0 or newer"
        )
    name, version, architecture = urllib.parse.unquote(match["file"]).removesuffix(".deb").split("_")
    mirror, pool, path = urllib.parse.unquote(match["url"]).rpartition(POOL)
    if not mirror:
        raise LockError(f"apt-get: {match['url']!r} is not below {POOL}", remedy="Try another mirror")
    return Artifact(
        provider=SYSTEM,
        component="",
        name=name,
        version=version,
        file=path.rpartition("/")[2],
        size=int(match["size"]),
        digest=f"{SHA256}:{match['sha256']}",
        origin=pool[1:] + path,
        architecture=architecture,
    )


def _proxies(runner: Runner) -> str:
    """Return the machine's own proxy settings for apt, as lines of a configuration file."""
    dump = runner(["apt-config", "dump"]).stdout.splitlines()
    wanted_keys = re.compile(r"Acquire::https?::(?:[^:]+::)?(?:Proxy|CaInfo|Verify)")
    return "".join(line + "\n" for line in dump if wanted_keys.match(line))


class DebianProvider(Provider):
    """Debian's packages, which fill the layers of all images."""

    name = SYSTEM
    folder = "inputs/packages"

    def resolve(self, request: Request) -> ProviderAnswer:
        """Return the packages of every layer, which are resolved together."""
        if SYSTEM not in request.names:
            return ProviderAnswer()
        found = mirrors(request.environment, request.runner)
        snapshot, layers = resolve(request.definition, found, runner=request.runner)
        return ProviderAnswer(layers=layers, snapshot=snapshot)

    def wanted(self, artifacts: Sequence[Artifact], delivery: Delivery) -> list[Wanted]:
        """Return what the store should fetch from this machine's mirrors."""
        found = mirrors(delivery.environment, delivery.runner)
        return wanted(artifacts, found, delivery.plan.archive)

    def uri(self, artifact: Artifact) -> str:
        """Return the package URL of a package."""
        return purl("deb", artifact.name, artifact.version, self.name, arch=artifact.architecture)

    def items(self, listing: Listing) -> Iterator[Item]:
        """Yield the packages that dpkg has in the image, and the sources that parts of them come from."""
        from builder.image.contents import DOCUMENTS, installed  # noqa: PLC0415 # costs 0.1 s, and a build lists nothing
        from builder.sources.copyrights import licence  # noqa: PLC0415 # the same

        plan = listing.plan
        locked = {
            one.name: one for layer in (BASE, *plan.targets) for one in plan.artifacts(layer, self.name)
        }
        for one in installed(listing.contents):
            facts = {"arch": one.architecture, "distro": plan.suite}
            facts["upstream"] = f"{one.source}@{one.source_version}"
            pin = locked.get(one.name)
            own = purl("deb", one.name, one.version, self.name, **facts)
            yield Item(
                self.name,
                one.name,
                one.version,
                own,
                pin.digest if pin and pin.version == one.version else "",
                licence(one.name, listing.contents.text(f"{DOCUMENTS}{one.name}/copyright")),
                supplier=one.maintainer,
                homepage=one.homepage,
                facts={"source": one.source, "source-version": one.source_version},
            )
            yield from (self._source(name, version, plan.suite, own) for name, version in one.compiled_in)

    def _source(self, name: str, version: str, suite: str, inside: str) -> Item:
        """Return a source package, parts of which were compiled into another package."""
        own = purl("deb", name, version, self.name, arch="source", distro=suite)
        facts = {"source": name, "source-version": version}
        return Item(self.name, name, version, own, inside=inside, facts=facts)


PROVIDER: Provider = DebianProvider()
