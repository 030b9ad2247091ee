"""The statements for SQL Server are Transact-SQL, as an independent parser of that language reads it.

There is no SQL Server here: this is all that is shown of its dialect. mssql-statements.sql holds what the
plugin sends, as its tests in C++ note it.
"""

import re
from itertools import pairwise
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.dialects.tsql import TSQL
from sqlglot.errors import ErrorLevel
from sqlglot.tokenizer_core import TokenType

NATIVE = Path(__file__).parents[3] / "plugins/native"
SENT = NATIVE / "tests/database/mssql-statements.sql"
SQL = NATIVE / "database/sql"

# What other dialects have, and Transact-SQL has not; the parser would understand some of it.
FOREIGN = {
    "AUTOINCREMENT",
    "AUTO_INCREMENT",
    "BIGSERIAL",
    "BLOB",
    "BYTEA",
    "CONFLICT",
    "DUPLICATE",
    "EXCLUDED",
    "FALSE",
    "IGNORE",
    "ILIKE",
    "LIMIT",
    "LOCKED",
    "LONGBLOB",
    "LONGTEXT",
    "NULLS",
    "REPLACE",
    "RETURNING",
    "SHARE",
    "SIGNED",
    "TEXT",
    "TRUE",
}

# Of the words that the language reserves, those that columns and tables of other dialects are often called.
RESERVED = {
    "ADD",
    "ALL",
    "BACKUP",
    "BEGIN",
    "BREAK",
    "BROWSE",
    "BULK",
    "CHECK",
    "CLOSE",
    "COLUMN",
    "COMMIT",
    "COMPUTE",
    "CONTAINS",
    "CONTINUE",
    "CURRENT",
    "CURSOR",
    "DATABASE",
    "DEFAULT",
    "DENY",
    "DISK",
    "DUMP",
    "END",
    "ERRLVL",
    "ESCAPE",
    "EXIT",
    "EXTERNAL",
    "FILE",
    "FILLFACTOR",
    "FOR",
    "FREETEXT",
    "FUNCTION",
    "GOTO",
    "GROUP",
    "IDENTITY",
    "INDEX",
    "KEY",
    "KILL",
    "LINENO",
    "LOAD",
    "NATIONAL",
    "OFF",
    "OFFSETS",
    "OPEN",
    "OPTION",
    "ORDER",
    "PERCENT",
    "PLAN",
    "PRECISION",
    "PRIMARY",
    "PRINT",
    "PROC",
    "PUBLIC",
    "READ",
    "RESTORE",
    "RESTRICT",
    "RETURN",
    "REVERT",
    "ROWCOUNT",
    "RULE",
    "SAVE",
    "SCHEMA",
    "SETUSER",
    "SHUTDOWN",
    "STATISTICS",
    "SYSTEM_USER",
    "TABLE",
    "TOP",
    "TRAN",
    "TRANSACTION",
    "TRIGGER",
    "UNIQUE",
    "USE",
    "USER",
    "VARYING",
    "VIEW",
    "WAITFOR",
    "WHILE",
}

# What the parser does not know, and the language's reference does.
UNKNOWN = {"SET TRANSACTION ISOLATION LEVEL SNAPSHOT"}

FUNCTIONS = {
    "APPLOCK_MODE",
    "CAST",
    "COALESCE",
    "COUNT",
    "COUNT_BIG",
    "DATALENGTH",
    "DB_NAME",
    "LOWER",
    "MAX",
    "OBJECT_ID",
    "ROW_NUMBER",
    "SUBSTRING",
    "SUM",
    "TRY_CAST",
}


def blocks(path: Path) -> dict[str, str]:
    """Return the statements of a file, without its comments, by their names."""
    parts = re.split(r"^-- name: *(\S+) *$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    bare = [re.sub(r"^ *--.*$", "", part, flags=re.MULTILINE).strip() for part in parts]
    return dict(zip(parts[1::2], bare[2::2], strict=True))


def sent() -> list[str]:
    """Return the statements that the plugin sends to SQL Server, in sessions and transactions."""
    noted = [part.strip() for part in SENT.read_text(encoding="utf-8").split("\nGO\n")[1:]]
    return noted + list(blocks(SQL / "session-odbc-mssql.sql").values())


def problems(statement: str) -> list[str]:
    """Return what is wrong with a statement, if anything."""
    if statement in UNKNOWN:
        return []
    try:
        [tree] = sqlglot.parse(statement, dialect="tsql", error_level=ErrorLevel.RAISE)
    except (sqlglot.errors.SqlglotError, ValueError) as error:
        return [f"is not understood: {error}"]
    if tree is None:
        return ["is empty"]
    found = words(statement) + [f"is not understood: {part.sql()}" for part in tree.find_all(exp.Command)]
    found += ["|| is no operator" for _ in tree.find_all(exp.DPipe)]
    for select in tree.find_all(exp.Select):
        found += of_select(select)
    for order in tree.find_all(exp.Ordered):
        if isinstance(order.this, exp.Predicate | exp.Not):
            found.append(f"orders by a condition: {order.sql('tsql')}")
    if isinstance(tree, exp.Merge) and not statement.endswith(";"):
        found.append("MERGE must end with a semicolon")
    return found


def of_select(select: exp.Select) -> list[str]:
    """Return what is wrong with a SELECT that a parser understands."""
    found = []
    pages = select.args.get("offset") or isinstance(select.args.get("limit"), exp.Fetch)
    if pages and not select.args.get("order"):
        found.append("OFFSET must follow ORDER BY")
    if select.args.get("order") and not pages and not select.args.get("limit") and select.parent is not None:
        found.append("ORDER BY within a statement needs TOP or OFFSET")
    for column in select.expressions:
        if isinstance(column.unalias(), exp.Predicate | exp.Not):
            found.append(f"selects a condition: {column.sql('tsql')}")
    return found


def words(statement: str) -> list[str]:
    """Return what is wrong with the words of a statement."""
    tokens = [token for token in TSQL().tokenize(statement) if token.token_type is not TokenType.STRING]
    found = [f"{token.text} is of another dialect" for token in tokens if token.text.upper() in FOREIGN]
    for token, following in pairwise(tokens):
        if (
            token.token_type in (TokenType.VAR, TokenType.IDENTIFIER)
            and following.token_type is TokenType.L_PAREN
            and token.text.islower()
            and token.text.upper() in FUNCTIONS
        ):
            found.append(f"{token.text} is a function, whose name is in capital letters here")
    columns = {token.text for token, before in zip(tokens[1:], tokens, strict=False) if before.text == "."}
    found += [f"{name} is reserved: write [{name}]" for name in columns if name.upper() in RESERVED]
    tree = sqlglot.parse_one(statement, dialect="tsql")
    for function in tree.find_all(exp.Anonymous):
        if function.name.upper() not in FUNCTIONS:
            found.append(f"{function.name} is no function that is known here")
    for name in tree.find_all(exp.Identifier):
        if not name.quoted and name.name.upper() in RESERVED:
            found.append(f"{name.name} is reserved: write [{name.name}]")
    return found


def test_every_statement_that_sql_server_is_sent_is_transact_sql() -> None:
    """Each is understood, and has nothing of another dialect."""
    wrong = {statement: found for statement in sent() if (found := problems(statement))}
    assert wrong == {}


def test_the_statements_are_all_there() -> None:
    """Each block of the files for SQL Server is sent, or is part of one that is."""
    noted = "\n".join(sent())
    files = [
        "dialect-mssql",
        "schema-odbc-mssql",
        "install-odbc-mssql",
        "extend-odbc-mssql",
        "audit-odbc-mssql",
    ]
    overlaid = [
        name
        for file in ("schema-images", "schema-odbc", "schema-odbc-mssql")
        for name in blocks(SQL / f"{file}.sql")
    ]
    missing = []
    for file in [*files, "storage-odbc-mssql"]:
        for name, text in blocks(SQL / f"{file}.sql").items():
            replaced = file == "dialect-mssql" and name in overlaid
            if text.split()[0].isupper() and not replaced and not_in(noted, text):
                missing.append(f"{file}: {name}")
    assert missing == []


def not_in(noted: str, text: str) -> bool:
    """Tell whether a statement is not noted; its numbered values and places may stand for anything."""
    pattern = re.escape(text)
    pattern = re.sub(r"\\\?\d*", r"\\?", pattern)
    pattern = re.sub(r"\\\{\d\\\}", ".*?", pattern)
    return re.search(pattern, noted, flags=re.DOTALL) is None


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("SELECT a FROM t LIMIT 1", "LIMIT is of another dialect"),
        ("INSERT INTO t (a) VALUES (1) RETURNING a", "RETURNING is of another dialect"),
        ("SELECT a FROM t WHERE a ILIKE 'b'", "ILIKE is of another dialect"),
        ("SELECT a FROM t WHERE b = TRUE", "TRUE is of another dialect"),
        ("SELECT a || b FROM t", "|| is no operator"),
        ("SELECT t.key FROM t", "key is reserved: write [key]"),
        ("SELECT a IS NULL FROM t", "selects a condition: a IS NULL"),
        ("SELECT a FROM t ORDER BY a IS NULL", "orders by a condition: a IS NULL"),
        ("SELECT a FROM t OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY", "OFFSET must follow ORDER BY"),
        (
            "SELECT a FROM (SELECT a FROM t ORDER BY a) AS s",
            "ORDER BY within a statement needs TOP or OFFSET",
        ),
        ("SELECT a FROM t WHERE GREATER(a)", "GREATER is no function that is known here"),
        (
            "MERGE INTO t USING (SELECT 1 AS a) AS s ON t.a = s.a WHEN MATCHED THEN UPDATE SET a = 2",
            "MERGE must end with a semicolon",
        ),
        ("SELECT a FROM", "is not understood"),
        ("SELECT (a FROM t", "is not understood"),
    ],
)
def test_what_is_not_transact_sql_is_found(statement: str, problem: str) -> None:
    """A statement of another dialect, or with a mistake that the parser lets pass, is told."""
    assert any(found.startswith(problem) for found in problems(statement))
