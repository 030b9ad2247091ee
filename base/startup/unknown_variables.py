"""Variables that look as if they were meant for these images but are not read: typing errors, old names."""

from startup import names, special
from startup.catalogue import Catalogue
from startup.errors import Finding, warning
from startup.plugins import SWITCHES, listing
from startup.sources import SECRETS, World, file_base, near_name
from startup.suggest import Names, nearest

KNOWN = (*special.SPECIAL, *SWITCHES)

SHORTEST = 6


def found(world: World, catalogue: Catalogue) -> list[Finding]:
    """Return a warning for each variable that is not read but seems to be meant."""
    near = Names(KNOWN)
    findings = [
        finding_for(name, text, catalogue, near) for name, text in sorted(world.environment.items()) if text
    ]
    return [finding for finding in findings if finding is not None] + secrets(world, catalogue)


def secrets(world: World, catalogue: Catalogue) -> list[Finding]:
    """Return a warning for each secret that has nearly the name of a variable, and that no variable names."""
    texts = set(world.environment.values())
    findings = []
    for name in listing(world.root + SECRETS):
        path = f"{SECRETS}/{name}"
        named = name in texts or path in texts
        if "__" in name and "." not in name and not name.startswith(names.PREFIX) and not named:
            near = near_name(name, catalogue) if seems_meant(name) else None
            if near:
                findings.append(warning(path, "it is not read", f"Did you mean {near}?"))
    return findings


def finding_for(name: str, text: str, catalogue: Catalogue, known: Names) -> Finding | None:
    """Return the warning for one variable, or None when it is read or not meant for the images."""
    if name.startswith(names.PREFIX) or name in KNOWN or name == special.PATHS:
        return None
    if file_base(name, catalogue) is not None or special.is_service_link(name, text):
        return None
    if name in special.FORMER:
        return warning(name, "this name is no longer read", f"Use {special.FORMER[name]} instead.")
    if name in special.LEGACY:
        return former(name, catalogue)
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


def former(name: str, catalogue: Catalogue) -> Finding:
    """Return the warning for the name of a setting in earlier images."""
    path = special.LEGACY[name]
    if not path:
        return warning(name, "this name is no longer read", "Leave it out: this setting no longer exists.")
    instead = names.variable(tuple(path.split(".")), catalogue)
    return warning(name, "this name is no longer read", f"Use {instead} instead.")


def seems_meant(name: str) -> bool:
    """Tell whether a variable is named as those of the images are, give or take a letter."""
    if name.upper().startswith("ORTHANC_") or name.upper().endswith("_PLUGIN_ENABLED"):
        return True
    head = name.partition("__")[0]
    return "__" in name and nearest(head, ("ORTHANC",), limit=2) is not None
