"""One thing inside an image, as the lists have it: with version, hash, licence and package URL."""

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
    """One thing in an image.

    `provider` is a word of build.toml, or the type of a package URL for what came inside something else;
    `hash` is `sha256:…` or `sha512:…` of the file that was installed, empty when nobody knows it. `inside` is
    the purl of what it came in, and `kind` what CycloneDX calls it.
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
    kind: str = "library"


def purl(kind: str, name: str, version: str, namespace: str = "", **qualifiers: str) -> str:
    """Return a package URL: https://github.com/package-url/purl-spec."""
    from packageurl import PackageURL  # noqa: PLC0415 # a build lists nothing, and need not wait for it

    return PackageURL(kind, namespace or None, name, version or None, qualifiers or None).to_string()
