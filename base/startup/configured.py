"""A complete configuration, as the checks look at it."""

from startup import names
from startup.catalogue import Catalogue
from startup.merge import Merged, at
from startup.plugins import Decision

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Configured:
    """A complete configuration: its settings, the decisions on the plugins, and the root folder.

    The `absent` plugins are enabled and not in the image, which is reported already: nothing more is checked.
    Where that is `tolerated`, Orthanc starts without them.
    What is below the `lost` paths may be missing because a source could not be used, which is reported too.
    """

    __slots__ = ("absent", "catalogue", "enabled", "lost", "merged", "root", "tolerated", "tree")

    def __init__(
        self,
        merged: Merged,
        decisions: list[Decision],
        catalogue: Catalogue,
        root: str,
        absent: "Iterable[str]" = (),
        lost: "Iterable[tuple[str, ...]]" = (),
        tolerated: bool = False,
    ) -> None:
        self.tolerated = tolerated
        self.absent = tuple(absent)
        self.lost = tuple(lost)
        self.merged = merged
        self.tree = merged.tree
        self.enabled = {each.plugin.name: each for each in decisions if each.enabled}
        self.catalogue = catalogue
        self.root = root

    def is_here(self, plugin: str) -> bool:
        """Tell whether a plugin is enabled and in the image."""
        return plugin in self.enabled and plugin not in self.absent

    def goes_without(self, plugin: str) -> bool:
        """Tell whether Orthanc starts without an enabled plugin, because it is not in the image."""
        return self.tolerated and plugin in self.absent

    def is_lost(self, *path: str) -> bool:
        """Tell whether a setting, or some of it, may be in a source that could not be used."""
        return any(lost[: len(path)] == path[: len(lost)] for lost in self.lost)

    def on(self, *path: str) -> bool:
        """Tell whether a switch among the settings is on."""
        return at(self.tree, path) is True

    def place(self, path: tuple[str, ...]) -> str:
        """Return the place of a setting, for a message: the source that gave its value, and the setting."""
        origin = self.merged.origin(path)
        name = names.variable(path, self.catalogue)
        return origin if name in origin or not origin else f"{origin}, '{'.'.join(path)}'"

    def variable(self, *path: str) -> str:
        """Return the variable of a setting."""
        return names.variable(path, self.catalogue)
