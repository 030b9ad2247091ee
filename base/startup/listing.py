"""Lists for people: the known settings, and the plugins."""

from startup import defaults, names, plugins
from startup.catalogue import Catalogue, Setting, normal
from startup.configuration import Configuration


def settings(catalogue: Catalogue, words: list[str]) -> list[str]:
    """Return a line for each known setting that all words match: its variable, path, default and meaning."""
    found = []
    for path in catalogue.lines:
        setting = catalogue.setting(path)
        assert setting is not None
        if matches(setting, catalogue, words):
            found.append(line(setting, catalogue))
    return found


def matches(setting: Setting, catalogue: Catalogue, words: list[str]) -> bool:
    """Tell whether each word occurs in the path, variable, plugin's name or meaning of a setting."""
    path = setting.path
    joined = path.replace(".", "")
    text = normal(f"{path} {joined} {catalogue.components[path]} {setting.summary}")
    return all(normal(word.removeprefix(names.PREFIX)) in text for word in words)


def line(setting: Setting, catalogue: Catalogue) -> str:
    """Return the line for one setting."""
    variable = names.variable(tuple(setting.path.split(".")), catalogue).replace("*", "<name>")
    default = defaults.words(setting, catalogue)
    fact = f" (default: {default})" if default else ""
    if setting.successor is not None:
        fact = " (without effect)"
    return f"{variable}  {setting.path}{fact}  {setting.summary}".rstrip()


def plugin_states(found: Configuration, root: str) -> list[tuple[str, str, str]]:
    """Return for each plugin its name, whether it is enabled or in the image, and why, and whose it is."""
    states = []
    for each in found.decisions:
        here = plugins.is_here(each.plugin, found.plugin_index)
        state = "enabled" if each.enabled and here else "available" if here else "absent"
        why = each.why if here else plugins.absence(each.plugin, root)[0]
        if each.enabled and not here:
            why = f"enabled ({each.why}), but {why}"
        whose = found.plugin_index.whose(each.plugin) if here else ""
        owner = f"  ({whose})" if whose else ""
        states.append((each.plugin.name, state, f"{why}  [{each.plugin.switch}]{owner}"))
    return states


def plugin_lines(states: list[tuple[str, str, str]]) -> list[str]:
    """Return the states in columns."""
    width = max(len(name) for name, _, _ in states)
    return [f"{name:<{width}}  {state:<9}  {why}" for name, state, why in states]
