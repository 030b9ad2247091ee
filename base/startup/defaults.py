"""The default of each setting in these images, beside the one of Orthanc or of the plugin itself."""

from startup import configuration, jsonc, new_index, object_stores, plugins, write
from startup.catalogue import Catalogue, Setting
from startup.merge import at

NONE = "none, it must be given"

CASES: dict[str, dict[str, object]] = {
    "for files in an object store": {**object_stores.SETTINGS, **object_stores.SECTIONS},
    "for a new SQLite index, with DicomWeb": {new_index.KEY: new_index.TAGS},
}
"""Where a default is another one, and the settings of that case."""


def words(setting: Setting, catalogue: Catalogue, quote: str = "") -> str:
    """Return the default as JSON, and the one outside these images where it differs; empty without any.

    Values are between marks of `quote`, such as those that a document has for code.
    """
    here, own = given(setting), setting.default
    more = elsewhere(setting, quote)
    if here is None or (own and here == jsonc.value(own)):
        return f"{quote}{own}{quote}{more}" if own else ""
    text = NONE if here in plugins.PLACEHOLDERS else f"{quote}{write.compact(here)}{quote}"
    owner = "Orthanc" if catalogue.components[setting.path] == "Orthanc" else "the plugin"
    return (f"{text}; {owner}'s own: {quote}{own}{quote}" if own else text) + more


def elsewhere(setting: Setting, quote: str) -> str:
    """Return what follows the default where it is another one in some cases."""
    path = tuple(setting.path.split("."))
    for words, tree in CASES.items():
        value = at(tree, path)
        if value is not None and not isinstance(value, dict):
            return f"; {words}: {quote}{write.compact(value)}{quote}"
    return ""


def given(setting: Setting) -> object:
    """Return the value that the start-up code gives a setting by default; None when it gives none."""
    path = tuple(setting.path.split("."))
    trees = [configuration.performance({}).tree, configuration.DEFAULTS, plugins.CODECS]
    trees += [{each.sections[0]: each.defaults()} for each in plugins.PLUGINS] if len(path) > 1 else []
    return next((value for tree in trees if (value := at(tree, path)) is not None), None)
