"""One item in the SBOM of an image, with version, hash, licence and package URL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Licence:
    """The licence of one package: an SPDX expression, and the texts of the names that only it knows."""

    expression: str
    texts: Mapping[str, str] = field(default_factory=dict)


NOTHING = Licence("NOASSERTION")


@dataclass(frozen=True)
class Item:
    """One item in an image.

    `provider` is a word of build.toml, or the type of a package URL for an item inside another one;
    `hash` is `sha256:…` or `sha512:…` of the file that was installed, empty if unknown. `inside` is
    the purl of the item that contains it, `download` the address that it was fetched from, where that is the
    same for everybody, and `kind` its type in CycloneDX.
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
    download: str = ""
    inside: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    kind: str = "library"


def purl(kind: str, name: str, version: str, namespace: str = "", **qualifiers: str) -> str:
    """Return a package URL: https://github.com/package-url/purl-spec."""
    from packageurl import PackageURL  # noqa: PLC0415 # a build lists nothing, and need not wait for it

    return PackageURL(kind, namespace or None, name, version or None, qualifiers or None).to_string()
