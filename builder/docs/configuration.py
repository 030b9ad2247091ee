"""docs/configuration.md, made from what the start-up code itself reads: catalogue, plugins, variables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from builder.markdown import code_block, markdown_table
from startup import cli, defaults, errors, names, plugins, special
from startup.catalogue import Catalogue, Setting
from startup.configuration import DEFAULTS
from startup.explain import kind
from startup.plugins import Plugin

DOCUMENT = Path("docs/configuration.md")

HEADER = "<!-- Made by builder/configuration_docs.py from base/startup: change these, not this page. -->"

INTRODUCTION = """\
# Configuration

The images turn variables, secrets and JSON files into the configuration that Orthanc loads. Whatever is
wrong with it is said before Orthanc starts, all at once, each problem with its place and what to do; the
container then ends with exit code 78. `docker run --rm IMAGE config check` does the same without starting
anything.

## Where settings come from

Later sources win over earlier ones. Objects are merged key by key; everything else replaces what was
there.

1. defaults of the image (see [below](#defaults-of-the-image))
2. defaults of the enabled plugins (see [Plugins](#plugins)), for
   [files in an object store](storage-s3.md#read-in-parallel) and for a
   [new index](storage-s3.md#searches-for-instances)
3. `/etc/orthanc/*.json`, in the order of their names; then files and folders named by the container's
   arguments
4. `/run/secrets/*.json`, in the order of their names, then those in its folders; JSON of other programs,
   without a single setting of Orthanc in it, is left alone
5. `ORTHANC_JSON`, a whole configuration as JSON
6. `ORTHANC__…` variables, parents before children: `ORTHANC__DICOM_WEB` before `ORTHANC__DICOM_WEB__ROOT`
7. secrets with the name of a variable

`config explain` shows for each setting where its value comes from and what it overrode. The first lines of a
start tell the image, its enabled plugins and the sources. A wrong value that a later source overrides is a
warning; any other wrong value is a problem.

## Names of variables

The name of a setting's variable follows from its path: an underscore before each capital letter within a
word, two underscores between levels, everything in capitals, `ORTHANC__` in front. So
`DicomWeb.StudiesMetadata` becomes `ORTHANC__DICOM_WEB__STUDIES_METADATA`. Where capitals follow each
other they may stay together: `ORTHANC__POSTGRESQL__HOST` and `ORTHANC__STORE_MD5_FOR_ATTACHMENTS` are
understood as well as the forms that the rule gives. `config list WORDS` finds settings and tells their
variables.

Keys that you choose yourself, such as the names of users and modalities, are taken letter by letter:
`ORTHANC__REGISTERED_USERS__alice=her-password`, `ORTHANC__DICOM_MODALITIES__pacs='["PACS", "10.0.0.2",
104]'`.

A name that is not known is a warning with the nearest known one, and is passed on by the rule. With
`STRICT_CONFIGURATION=true` every warning is a problem.

An enabled plugin that the image does not have is a problem. With `MISSING_PLUGINS=warn` it is a warning, and
Orthanc starts without it; not so with Authorization while `AuthenticationEnabled` is off, because then
everybody could enter.

## Values

Each setting has a type, and its value is converted to that type, never guessed: a password of digits
stays text, a port becomes a number. Booleans are `true` or `false`, `yes` or `no`, `on` or `off`, `1` or
`0`, in any case. Lists and objects are written as JSON. An empty variable counts as not set. What does
not fit is a problem.

Quotes of JSON around the value of a variable or a secret are taken off, whatever the setting:
`ORTHANC__NAME="CT 1"` in an env file, where quotes are part of the value, means `CT 1`, and `"12"` is a text
everywhere. A warning says so where nobody needs the quotes. Any other quotes around a text, such as single
ones, stay, with a warning; around another value they are a problem.

JSON files and `ORTHANC_JSON` may hold `//` and `/* */` comments. Relative paths in a file start from the
folder of that file, elsewhere from `/etc/orthanc`.

### Variables in JSON

In the JSON files of `/etc/orthanc` and of the secrets, in keys and values, these are replaced:

| Form | Becomes |
| --- | --- |
| `${NAME}` | the variable's value; a problem when it is not defined |
| `$NAME` | the variable's value; `$NAME` itself when it is not defined |
| `${NAME:-text}` | the text when the variable is not defined or empty, else its value |
| `${NAME-text}` | the text when the variable is not defined, else its value |
| `${NAME:?text}`, `${NAME?text}` | a problem with this text in the same cases, else the value |
| `${NAME:+text}`, `${NAME+text}` | nothing in the same cases, else the text |
| `$${` | `${` |
| `\\u0024` | `$`, which begins no variable |

The text may hold variables itself; what a variable holds is not looked at again. Inside a string, a value
stays within the string, whatever characters it has. Without quotes, the value is read as JSON there, and as a
text when it is none: `{"HttpPort": ${PORT}, "RegisteredUsers": ${USERS}}`. `$$` stays as it is before
anything but a brace. A warning with line and column tells of each `${` that begins none of these forms, and
of each `$$NAME` of a variable, which stay. A variable that is used so may have any name.

In `ORTHANC_JSON`, compose files and shells have replaced `$NAME` already, so only the forms with braces are
replaced; a `$NAME` that stays although there is such a variable is a warning. `ORTHANC__…` variables and
secrets with one value are taken as they are; a warning tells of a `${NAME}` in them. Orthanc replaces nothing
afterwards.

## Secrets

Any `ORTHANC__…` variable, `ORTHANC_PASSWORD` and `ORTHANC_JSON` can come from a file, in each of these
ways:

- a file in `/run/secrets`, or in a folder there, with the name of the variable:
  `/run/secrets/ORTHANC__POSTGRESQL__PASSWORD`
- the variable with `_SECRET`, which tells the name of a secret or its path:
  `ORTHANC__POSTGRESQL__PASSWORD_SECRET=db-password`
- the variable with `_FILE` or `__FILE`, which tells a path: `ORTHANC_PASSWORD_FILE=/run/secrets/password`

The first way works for the other variables of the images too, such as those that enable plugins. One newline
at the end of the file is removed. A value and a file for the same variable, a missing file
and an empty file are problems, as is the same secret in two folders. Variables of other programs and other
files in `/run/secrets` are left alone, as is everything whose name begins with a dot.

Secrets are hidden in everything that is printed. The file made for Orthanc (`/tmp/orthanc.json`, or
`/dev/shm/orthanc.json` when `/tmp` cannot be written) can be read by its owner only.

## Users

Orthanc accepts other machines and asks them for a password. Without a user it does not start: set
`ORTHANC_PASSWORD` for a user named `orthanc`, or `ORTHANC__REGISTERED_USERS`, or switch passwords off
with `ORTHANC__AUTHENTICATION_ENABLED=false`. No user is needed when the web server is off or when the
Authorization plugin is enabled. An empty password is a problem.

Two things are warnings at each start and in `config check`, since they let strangers in: a user whose
password is the name of the user or a well-known default, such as `orthanc`, `change-me` or `alicePassword`;
and `AuthenticationEnabled: false` while other machines reach the server, unless the Authorization plugin is
enabled or clients must show a certificate (`SslVerifyPeers`). With `STRICT_CONFIGURATION=true` they are
problems.
"""

STARTING = """\
The container's own arguments: none starts Orthanc; options such as `--verbose` are added to its command
line; JSON files and folders are read as more configuration (`/tmp/orthanc.json` and `/etc/orthanc` mean
nothing new); `config` is the command below; anything else is run in place of Orthanc, so that `docker run
-it IMAGE bash` works.

### A script before Orthanc

`BEFORE_ORTHANC_STARTUP_SCRIPT` is a command line, with quotes as in a shell. It runs after the
configuration has been read and written for the first time, and before it is checked. What it writes into
`/etc/orthanc` (make this folder writable for the container's user, for example with a volume) is read
afterwards. What it changes in `/tmp/orthanc.json` stays, unless the sources have changed too. When it
fails, the container ends with its exit code.

### Host id

DCMTK puts the host id of the machine into the identifiers that it makes. Where `/etc/hostid` is missing,
the C library asks a name server, which can take 40 s. So a random host id is written there, four bytes as
the C library reads them. `FORCE_HOST_ID` sets it, as one to eight hexadecimal digits;
`GENERATE_HOST_ID_IF_MISSING=false` leaves it missing.
"""

COMMAND = """\
## The command `config`

`docker run --rm IMAGE config …`, with the same variables, volumes and secrets as the container, or
`docker exec CONTAINER config …` in a running one:

```text
{usage}```

## Health probe

`/probes/test-aliveness.py` ends with 0 when Orthanc and its database answer, else with 1. It needs no
options: port, user, password and certificates are those of the running configuration (see
`/probes/test-aliveness.py` for its options). The image's health check uses it.

## Reset

With `/lua-scripts/filter-http-tools-reset.lua` among the `LuaScripts`, POST /tools/reset rebuilds
the configuration before Orthanc restarts. When the new one has problems, the reset is refused (403),
Orthanc goes on with what it has, and its log says why.
"""


def text(catalogue: Catalogue) -> str:
    """Return the whole page."""
    parts = [
        HEADER,
        INTRODUCTION,
        "## Special variables",
        special_variables(),
        STARTING,
        "### Exit codes",
        exit_codes(),
        COMMAND.format(usage=cli.USAGE),
        "## Defaults of the image",
        code_block(DEFAULTS),
        "## Plugins",
        PLUGINS.format(bundled=", ".join(sorted(each.name for each in plugins.PLUGINS if each.package))),
        plugin_table(plugins.PLUGINS),
        "## All settings",
        DEFAULT,
        *settings(catalogue),
        "## Names of the past",
        PAST.format(harmless=", ".join(f"`{name}`" for name in special.HARMLESS)),
        past(catalogue),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


PLUGINS = """\
A plugin is enabled as soon as one of its sections is in the configuration, or by its variable; with
`false` the variable disables it whatever is configured. `config plugins` shows which plugins are in an
image, which are enabled, and why. Your own plugins go to `/usr/share/orthanc/plugins`;
`/run/orthanc/plugins` is loaded as well when it is there. A plugin that is enabled and not in the image is a
problem, as are two plugins that want to be the index (or the storage), and a value below that MUST BE
DEFINED.

OHIF and the Stone Web viewer read images through DicomWeb. Where nothing is said about DicomWeb, it is
enabled together with them; switching it off beside them is a problem. OHIF does without it if
`OHIF.DataSource` is `dicom-json`.

These plugins are written in Python here, with the sections, routes and stored formats of the official
ones: {bundled}.
Your own `PythonScript` runs beside them: it starts after them, with its folder importable, and need not
know. `Python.AllowThreads` is on then. Such a plugin, too, says in one line what keeps it from starting, and
the container ends with exit code 78. Put an official library of the same plugin into your folder to use that
one instead.
"""


DEFAULT = """\
The default is the one of these images; that of a plugin's setting holds as soon as the plugin is enabled.
Where Orthanc or the plugin itself has another one, that one follows. `config list` and `config explain` tell
the same.
"""


PAST = """\
Earlier images read these names. Here each one is a problem, whether it is a variable, a secret, or the name
of a variable with `_SECRET` or `_FILE`. Those that other programs set as well, or that changed no setting,
are mere warnings: {harmless}.
What Kubernetes sets for a service, such as `PG_PORT=tcp://10.0.0.1:5432`, is passed over.
"""


def special_variables() -> str:
    """Return the table of the variables that are not settings."""
    return markdown_table(
        ("Variable", "Meaning"), ((f"`{name}`", words) for name, words in special.SPECIAL.items())
    )


def exit_codes() -> str:
    """Return the table of the exit codes."""
    rows = (
        (errors.EXIT_OK, "Orthanc, or the program in its place, has ended well"),
        (errors.EXIT_USAGE, "the container or `config` was given arguments that make no sense"),
        (errors.EXIT_CONFIGURATION, "the configuration has problems"),
        (errors.EXIT_NOT_EXECUTABLE, "the program to run cannot be executed"),
        (errors.EXIT_NOT_FOUND, "the program to run does not exist"),
        (errors.EXIT_INTERRUPTED, "interrupted before Orthanc was started"),
        (errors.EXIT_TERMINATED, "stopped before Orthanc was started"),
    )
    others = ("others", "those of Orthanc, or of the script before it")
    return markdown_table(("Exit code", "Meaning"), [*((str(code), words) for code, words in rows), others])


def plugin_table(known: Iterable[Plugin]) -> str:
    """Return the table of the plugins: what enables each one, and its defaults."""
    return markdown_table(
        ("Plugin", "Variable", "Sections", "Defaults of the image"), (plugin_row(each) for each in known)
    )


def plugin_row(plugin: Plugin) -> tuple[str, str, str, str]:
    """Return the row of one plugin."""
    name = f"{plugin.name} (on by default)" if plugin.by_default else plugin.name
    sections = ", ".join(f"`{section}`" for section in plugin.sections)
    if not plugin.by_section:
        sections = f"{sections}, by its variable only"
    defaults = "<br>".join(f"`{key}`: `{json.dumps(value)}`" for key, value in plugin.defaults().items())
    return name, f"`{plugin.switch}`", sections, defaults


def settings(catalogue: Catalogue) -> list[str]:
    """Return, for each plugin, a heading and the table of its settings."""
    parts = []
    for component in dict.fromkeys(catalogue.components.values()):
        paths = [path for path in catalogue.lines if catalogue.components[path] == component]
        known = [catalogue.setting(path) for path in paths]
        rows = [setting_row(each, catalogue) for each in known if each is not None]
        parts += [
            f"### {component}",
            markdown_table(("Setting", "Variable", "Type", "Default", "Meaning"), rows),
        ]
    return parts


def setting_row(setting: Setting, catalogue: Catalogue) -> tuple[str, str, str, str, str]:
    """Return the row of one setting."""
    variable = names.variable(tuple(setting.path.split(".")), catalogue).replace("*", "<name>")
    words = kind(setting)
    if setting.allowed:
        words = f"{words}: {', '.join(setting.allowed)}"
    default = defaults.words(setting, catalogue, "`")
    meaning = setting.summary + (f" (since {setting.since})" if setting.since else "")
    if setting.replacement is not None:
        successor = f", use `{setting.replacement}`" if setting.replacement else ""
        meaning = f"Deprecated{successor}. {meaning}"
    if setting.successor is not None:
        successor = f", use `{setting.successor}`" if setting.successor else ""
        meaning = f"Without effect, read by older versions only{successor}. {meaning}"
    return f"`{setting.path}`", f"`{variable}`", words, default, meaning


def past(catalogue: Catalogue) -> str:
    """Return the table of names that earlier images read and these do not."""
    rows = [(f"`{name}`", f"`{successor}`") for name, successor in special.FORMER.items()]
    for name, path in special.LEGACY.items():
        successor = f"`{names.variable(tuple(path.split('.')), catalogue)}`" if path else "none"
        rows.append((f"`{name}`", successor))
    return markdown_table(("Old name", "Today"), sorted(rows))
