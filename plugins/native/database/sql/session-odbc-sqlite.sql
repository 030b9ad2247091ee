-- What each session over ODBC begins with (session-…), and what begins a transaction, on SQLite. Its driver waits for
-- locks itself, for as long as the attribute Timeout of the connection string says.

-- name: session-keys
PRAGMA foreign_keys = ON

-- name: session-like
PRAGMA case_sensitive_like = ON

-- name: session-journal
PRAGMA journal_mode = WAL

-- name: session-synchronous
PRAGMA synchronous = NORMAL

-- name: probe
SELECT CAST(? AS TEXT)

-- name: read
BEGIN

-- name: write
BEGIN IMMEDIATE

-- name: last-id
SELECT last_insert_rowid()
