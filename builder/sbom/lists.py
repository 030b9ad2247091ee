"""The SBOMs of an image, written beside its layout in each format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from builder.errors import BuildError, writing
from builder.image import contents
from builder.image.oci import Layout
from builder.sbom import cyclonedx, inventory, spdx, subject
from builder.sbom.inventory import Inventory
from builder.sbom.subject import Subject
from builder.sources.provider import Held
from builder.spec.model import Definition
from builder.spec.planning import Plan

FORMS = (spdx, cyclonedx)


def write(plan: Plan, variant: str, definition: Definition, folder: Path, held: Held) -> Inventory:
    """Write the SBOMs of the image in `folder`/image to `folder`, and return the inventory.

    Raises:
        BuildError: when an SBOM is not valid by the schema of its format.
    """
    layout = Layout(folder / "image")
    about = subject.of(definition, variant, plan.platform, layout)
    held_in = inventory.of(plan, variant, definition, contents.read(layout), held)
    for name, content in documents(held_in, about).items():
        with writing(folder / name):
            (folder / name).write_text(content, encoding="utf-8")
    return held_in


def documents(held: Inventory, about: Subject) -> dict[str, str]:
    """Return the text of each SBOM, valid by the rules of its format, by the name of its file."""
    found = {}
    for form in FORMS:
        content: dict[str, Any] = form.document(held, about)
        wrong = form.problems(content)
        if wrong:
            remedy = "This is a bug in the toolkit: please report it"
            raise BuildError(f"{form.FILE}: is not valid", details=wrong[:20], remedy=remedy)
        found[form.FILE] = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    return found
