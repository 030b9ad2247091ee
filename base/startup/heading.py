"""The first lines of a start: what starts, and where its configuration comes from."""

from startup import plugins
from startup.configuration import Configuration


def lines(found: Configuration, root: str) -> list[str]:
    """Return image, version and variant, the enabled plugins, and the sources of the configuration."""
    image = plugins.components(root)
    name, version, variant = (str(image.get(key, "?")) for key in ("name", "version", "variant"))
    enabled = [
        each.plugin.name
        for each in found.decisions
        if each.enabled and plugins.is_here(each.plugin, found.plugin_index)
    ]
    return [
        f"Image {name} {version}, variant {variant}, plugins: {', '.join(enabled) or 'none'}.",
        f"Configuration from {', '.join(found.sources) or 'the defaults of the image'}.",
    ]
