"""Layers of settings laid over each other, with a memory of where each value came from."""

from startup.errors import Finding, problem, warning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Layer:
    """The settings of one source, the label of that source, and the problems of values it cannot give."""

    __slots__ = ("origin", "refused", "tree")

    def __init__(self, origin: str, tree: dict[str, object], findings: "Iterable[Finding]" = ()) -> None:
        self.origin = origin
        self.tree = tree
        self.refused = [each for each in findings if each.fatal and each.path]


class Value:
    """A value that a source gave to a setting."""

    __slots__ = ("origin", "value")

    def __init__(self, origin: str, value: object) -> None:
        self.origin = origin
        self.value = value


Path = tuple[str, ...]


class Merged:
    """The settings that result, the values that each one was given (the last one holds), and the clashes."""

    __slots__ = ("findings", "history", "tree")

    def __init__(
        self, tree: dict[str, object], history: dict[Path, list[Value]], findings: list[Finding]
    ) -> None:
        self.tree = tree
        self.history = history
        self.findings = findings

    def origin(self, path: Path) -> str:
        """Return the source of the value at a path; for an object, that of the first value in it."""
        if path in self.history:
            return self.history[path][-1].origin
        for known, values in self.history.items():
            if known[: len(path)] == path:
                return values[-1].origin
        return ""


def layer(origin: str, path: Path, value: object, findings: "Iterable[Finding]" = ()) -> Layer:
    """Return the layer that gives one value to the setting at a path."""
    tree = value
    for key in reversed(path):
        tree = {key: tree}
    assert isinstance(tree, dict)
    return Layer(origin, tree, findings)


def settled(findings: list[Finding], layers: list[Layer]) -> list[Finding]:
    """Return the findings, with a warning for each problem of a value that a later layer overrides."""
    over: dict[int, Finding] = {}
    for number, each in enumerate(layers):
        for finding in each.refused:
            assert finding.path is not None
            later = next((one for one in layers[:number:-1] if overrides(one.tree, finding.path)), None)
            if later is not None:
                what = f"{finding.what}, but {later.origin} overrides it"
                over[id(finding)] = warning(finding.where, what, finding.remedy)
    return [over.get(id(finding), finding) for finding in findings]


def overrides(tree: object, path: Path) -> bool:
    """Tell whether a tree has a value that takes the place of whatever is at a path below it."""
    for key in path:
        if not isinstance(tree, dict):
            return True
        if key not in tree:
            return False
        tree = tree[key]
    return not isinstance(tree, dict)


def at(tree: object, path: Path) -> object:
    """Return the value at a path, or None when there is nothing."""
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return None
        tree = tree[key]
    return tree


def merged(layers: list[Layer]) -> Merged:
    """Return all layers together, weakest first: objects merge, everything else replaces.

    An object against a single value is a clash, which leaves the earlier value as it was.
    """
    history: dict[Path, list[Value]] = {}
    findings: list[Finding] = []
    tree: dict[str, object] = {}
    for each in layers:
        tree = laid(Merged(tree, history, findings), each.origin, each.tree, (), tree)
    return Merged(tree, history, findings)


def laid(
    result: Merged, origin: str, above: dict[str, object], path: Path, below: object
) -> dict[str, object]:
    """Return the object below with the one above laid over it."""
    united = dict(below) if isinstance(below, dict) else {}
    for key, value in above.items():
        here = (*path, key)
        old = united.get(key)
        if key in united and is_clash(old, value):
            result.findings.append(clash(result, origin, here, old))
        elif isinstance(value, dict) and (value or isinstance(old, dict)):
            if value:
                result.history.pop(here, None)
            united[key] = laid(result, origin, value, here, old)
        else:
            if isinstance(old, dict):
                forget(result, here)
            result.history.setdefault(here, []).append(Value(origin, value))
            united[key] = value
    return united


def is_clash(old: object, new: object) -> bool:
    """Tell whether one is an object and the other a single value.

    A list is neither: it may stand for an object, as in DicomModalities.
    """
    if isinstance(old, list) or isinstance(new, list) or old is None:
        return False
    return isinstance(old, dict) != isinstance(new, dict)


def forget(result: Merged, path: Path) -> None:
    """Drop the history of everything below a path."""
    for known in [known for known in result.history if known[: len(path)] == path]:
        del result.history[known]


def clash(result: Merged, origin: str, path: Path, old: object) -> Finding:
    """Return the problem of an object that meets something else."""
    first = result.origin(path)
    kinds = ("an object", "a single value") if isinstance(old, dict) else ("a single value", "an object")
    name = ".".join(path)
    what = f"'{name}' is {kinds[1]} here but {kinds[0]} in {first}"
    return problem(origin, what, "Give it the same form in both places.")
