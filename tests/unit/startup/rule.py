"""The rule for the names of variables, as it is documented."""

from startup.names import PREFIX


def by_rule(path: tuple[str, ...]) -> str:
    """Return the name of a setting's variable: `_` before each capital, `__` at each level, in capitals."""
    return PREFIX + "__".join(ruled(key) for key in path)


def ruled(key: str) -> str:
    """Return one level of such a name."""
    return "".join("_" + c if c.isupper() and i else c for i, c in enumerate(key)).upper()
