"""Variables that look as if they were meant for these images but are not read: typing errors, old names."""

from startup import names, special
from startup.catalogue import Catalogue
from startup.errors import Finding, problem, warning
from startup.merge import Path
from startup.plugins import SWITCHES
from startup.sources import SUFFIXES, World, file_base, near_name, secret_paths
from startup.suggest import Names, nearest

KNOWN = (*special.SPECIAL, *SWITCHES)

SHORTEST = 6


def found(world: World, catalogue: Catalogue) -> list[Finding]:
    """Return a finding for each variable and secret that is not read but seems to be meant."""
    near = Names(KNOWN)
    findings = [
        finding_for(name, text, catalogue, near)
        for name, text in sorted(world.environment.items())
        if text and name not in world.used
    ]
    return [finding for finding in findings if finding is not None] + secrets(world, catalogue)


def secrets(world: World, catalogue: Catalogue) -> list[Finding]:
    """Return a finding for each secret that has an old name, or nearly the name of a variable.

    Those that a variable names are left alone.
    """
    texts = set(world.environment.values())
    findings = []
    for path in secret_paths(world):
        name = path.rpartition("/")[2]
        if name in texts or path in texts:
            continue
        if old := of_the_past(name, path, catalogue):
            findings.append(old)
        elif "__" in name and "." not in name and not name.startswith(names.PREFIX):
            near = near_name(name, catalogue) if seems_meant(name) else None
            if near:
                findings.append(warning(path, "it is not read", f"Did you mean {near}?"))
    return findings


def finding_for(name: str, text: str, catalogue: Catalogue, known: Names) -> Finding | None:
    """Return the finding for one variable, or None when it is read or not meant for the images."""
    if name.startswith(names.PREFIX) or name in KNOWN or name == special.PATHS:
        return None
    if file_base(name, catalogue) is not None or special.is_service_link(name, text):
        return None
    if old := of_the_past(name, name, catalogue):
        return old
    if seems_meant(name):
        near = near_name(name, catalogue) or corrected(name)
        return warning(name, "it is not read", f"Did you mean {near}?" if near else "Look at `config list`.")
    closest = known.nearest(name, limit=2 if len(name) > 10 else 1) if len(name) >= SHORTEST else None
    return warning(name, "it is not read", f"Did you mean {closest}?") if closest else None


def corrected(name: str) -> str | None:
    """Return the name with the right prefix or ending, when that is all that seems wrong with it."""
    plain = name.replace("_PLUGIN_ENABLED", "_ENABLED")
    if plain in KNOWN:
        return plain
    _, underscores, rest = name.partition("__")
    return f"{names.PREFIX}{rest}" if underscores and rest else None


def of_the_past(name: str, where: str, catalogue: Catalogue) -> Finding | None:
    """Return the finding on a name that earlier images read, also with an ending that names a file.

    It is a mere warning when other programs use the same name.
    """
    ending = next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")
    base = name.removesuffix(ending)
    if base not in special.FORMER and base not in special.LEGACY:
        return None
    if base in special.HARMLESS and ending.endswith("FILE"):
        return None
    instead, path = successor(base, catalogue)
    ending = ending if instead.startswith(names.PREFIX) else ""
    how = f"Use {instead}{ending} instead." if instead else "Leave it out: this setting no longer exists."
    what = "this name is no longer read"
    if base in special.HARMLESS:
        return warning(where, what, how)
    return problem(where, what, how, path=path)


def successor(base: str, catalogue: Catalogue) -> tuple[str, Path | None]:
    """Return the variable of today for one of the past, empty when there is none, and its setting."""
    if base in special.FORMER:
        name = special.FORMER[base]
        return name, (SWITCHES[name].sections[0],) if name in SWITCHES else None
    path = tuple(special.LEGACY[base].split("."))
    return (names.variable(path, catalogue), path) if special.LEGACY[base] else ("", None)


def seems_meant(name: str) -> bool:
    """Tell whether a variable is named as those of the images are, give or take a letter."""
    if name.upper().startswith("ORTHANC_") or name.upper().endswith("_PLUGIN_ENABLED"):
        return True
    head = name.partition("__")[0]
    return "__" in name and nearest(head, ("ORTHANC",), limit=2) is not None
