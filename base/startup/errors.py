"""What can be wrong with a configuration, in words, and the exit codes that go with it.

Plain classes with slots stand in for NamedTuple and dataclasses here and in the other modules of this
package: importing ``typing`` costs 4 ms at each start of a container, ``dataclasses`` 18 ms.
"""

EXIT_OK = 0
EXIT_USAGE = 64
EXIT_CONFIGURATION = 78
EXIT_NOT_EXECUTABLE = 126
EXIT_NOT_FOUND = 127
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143


class Finding:
    """One thing that a person should know about the configuration: a problem, or a mere warning.

    ``path`` is that of the setting whose value cannot be used, empty when this may be any setting; it is None
    when no value is lost.
    """

    __slots__ = ("fatal", "path", "remedy", "what", "where")

    def __init__(
        self, where: str, what: str, remedy: str, fatal: bool = True, path: tuple[str, ...] | None = None
    ) -> None:
        self.where = where
        self.what = what
        self.remedy = remedy
        self.fatal = fatal
        self.path = path

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}." if self.where else f"{self.what}."
        return f"{text} {self.remedy}" if self.remedy else text

    def __repr__(self) -> str:
        return f"{'Problem' if self.fatal else 'Warning'}({str(self)!r})"


def problem(where: str, what: str, remedy: str, path: tuple[str, ...] | None = None) -> Finding:
    """Return a finding that keeps Orthanc from being started."""
    return Finding(where, what, remedy, path=path)


def warning(where: str, what: str, remedy: str) -> Finding:
    """Return a finding that is reported and does not stop the start."""
    return Finding(where, what, remedy, fatal=False)


def problems(findings: list[Finding]) -> list[Finding]:
    """Return the findings that keep Orthanc from being started, in their order."""
    return [finding for finding in findings if finding.fatal]


class UnreadableError(Exception):
    """A text that is not the JSON it should be: what is wrong, and where in it (from 1; 0 if unknown)."""

    def __init__(self, what: str, line: int = 0, column: int = 0) -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.column = column

    def place(self) -> str:
        """Return the place in words, with a leading blank, or nothing when it is not known."""
        return f" in line {self.line}, column {self.column}" if self.line else ""


class UnconvertibleError(Exception):
    """A value that does not fit its setting: what is wrong with it, and what to write instead."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class StartupError(Exception):
    """The end of the start-up with an exit code and what to say about it."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
