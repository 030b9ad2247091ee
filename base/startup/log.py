"""What the start-up code says, and how: findings on standard error, one a line, and nothing secret."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from startup.errors import Finding


def lines(findings: "list[Finding]", closing: str = "Orthanc was not started") -> list[str]:
    """Return the findings in words: warnings, problems, and a closing line when there are problems."""
    warnings = [f"Warning: {finding}" for finding in findings if not finding.fatal]
    problems = [str(finding) for finding in findings if finding.fatal]
    if not problems:
        return warnings
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return [*warnings, *problems, f"{closing}: {count} in its configuration (see above)."]
